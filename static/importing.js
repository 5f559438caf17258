// A page with data-importing="2" looks every two seconds how far an import has come, and is loaded anew once it is over.
const here = document.querySelector("[data-importing]");

async function look() {
  try {
    const response = await fetch(location.href, { cache: "no-store", credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const there = page.querySelector("[data-importing]");
    if (response.redirected || !response.ok || !there) {
      location.reload();
      return;
    }
    const figures = [".desk-figures", "[data-importing]"].map((where) => [document.querySelector(where), page.querySelector(where)]);
    for (const [now, next] of figures) now.replaceChildren(...next.childNodes);
  } catch {
    // The network is away for a moment: look again.
  }
  setTimeout(look, Number(here.dataset.importing) * 1000);
}

if (here) setTimeout(look, Number(here.dataset.importing) * 1000);
