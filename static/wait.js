// A page with data-waiting="3" asks every three seconds how things stand, and goes on as soon as the answer is another page, or
// none: then the answer has come, and the page's own request acts on it.
const here = document.querySelector("[data-waiting]");

async function ask() {
  try {
    const response = await fetch(location.href, {
      cache: "no-store",
      credentials: "same-origin",
      headers: { "X-Waiting": "1" },
    });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (response.redirected || !response.ok || !page.querySelector("[data-waiting]")) {
      location.replace(response.redirected ? response.url : location.href);
      return;
    }
  } catch {
    // The network is away for a moment: ask again.
  }
  setTimeout(ask, Number(here.dataset.waiting) * 1000);
}

if (here) setTimeout(ask, Number(here.dataset.waiting) * 1000);
