/* Keeps the codes and the mails current while the page is looked at; without scripts, reloading does. */
const EVERY = 2000;

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const shown of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(shown.id);
    const chosen = getSelection().rangeCount && !getSelection().isCollapsed && getSelection().containsNode(shown, true);
    const focused = shown !== document.activeElement && shown.contains(document.activeElement);
    if (now && now.innerHTML !== shown.innerHTML && !chosen && !focused) {
      shown.replaceChildren(...now.childNodes);
    }
  }
}

setInterval(() => refresh().catch(() => {}), EVERY);
