// The page that makes an organization: which host it will have, as it is typed; and, while it is made, how far that has come.
const preview = document.querySelector("[data-below]");
const pending = document.querySelector("[data-pending]");

function suggest(name) {
  return name
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 40);
}

if (preview) {
  const [name, slug, host] = ["name", "slug", "host"].map((each) => document.getElementById(`id_${each}`));
  let own = slug.value !== "";
  const show = () => {
    const wanted = host.value.trim().toLowerCase() || (slug.value.trim() && slug.value.trim() + preview.dataset.below);
    preview.hidden = !wanted;
    preview.querySelector("bdi").textContent = wanted;
  };
  name.addEventListener("input", () => {
    if (!own) slug.value = suggest(name.value);
    show();
  });
  slug.addEventListener("input", () => {
    own = slug.value !== "";
    show();
  });
  host.addEventListener("input", show);
  show();
}

async function ask() {
  try {
    const answer = await fetch(location.href, { cache: "no-store", credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById("progress");
    if (!answer.ok || answer.redirected || !now?.dataset.pending) {
      location.reload();
      return;
    }
    if (now.innerHTML !== pending.innerHTML) pending.innerHTML = now.innerHTML;
  } catch {
    // The network is away for a moment: ask again.
  }
  setTimeout(ask, Number(pending.dataset.pending) * 1000);
}

if (pending) setTimeout(ask, 500);
