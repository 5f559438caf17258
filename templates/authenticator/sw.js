{% load static %}// Woken by a push, and by the browser when the network is away. It holds no key and signs nothing.
const PAGE = "{% url 'authenticator:page' %}";
const KEPT = "authenticator-1";
const FILES = [PAGE, "{% static 'app.css' %}", "{{ brand.css_url|escapejs }}", "{% static 'authenticator/main.js' %}", "{% static 'authenticator/vault.js' %}", "{% static 'authenticator/speaking.js' %}", "{% static 'authenticator/codes.js' %}", "{% static 'authenticator/pushing.js' %}", "{% static 'authenticator/page.js' %}"];
const WORDS = { title: "{{ words.title|escapejs }}", body: "{{ words.body|escapejs }}" };

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(FILES)).catch(() => undefined).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The network first, so that the page is never an old one; what was seen last where there is none, so that codes are shown then.
self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET" || new URL(event.request.url).origin !== self.location.origin) return;
  event.respondWith(
    fetch(event.request).then(
      async (answer) => {
        if (answer.ok && !answer.redirected) await (await caches.open(KEPT)).put(event.request, answer.clone());
        return answer;
      },
      async (problem) => (await caches.match(event.request, { ignoreSearch: event.request.mode === "navigate" })) ?? Promise.reject(problem),
    ),
  );
});

self.addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data?.json() ?? {};
  } catch {
    // A push that cannot be read wakes all the same.
  }
  const shown = self.registration.showNotification(said.title ?? WORDS.title, {
    body: said.body ?? WORDS.body,
    tag: said.tag ?? "request",
    renotify: true,
    requireInteraction: true,
  });
  const told = self.clients.matchAll({ type: "window" }).then((pages) => pages.forEach((page) => page.postMessage({ look: true })));
  event.waitUntil(Promise.all([shown, told]));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const open = self.clients.matchAll({ type: "window" }).then((pages) => (pages.length ? pages[0].focus() : self.clients.openWindow(PAGE)));
  event.waitUntil(open);
});
