// Shows, beside a form of the desk, how people's pages would look with what stands in it. Nothing is saved; the frame may do nothing.
const WAIT = 350;
const DESKTOP = 1024;
const NARROW = 480;
const LARGEST = 1024 * 1024;

for (const panel of document.querySelectorAll("[data-preview]")) begin(panel);

function begin(panel) {
  const form = panel.closest("form");
  const failed = panel.querySelector("[role=status]");
  const width = panel.querySelector("[name=preview_width]");
  let frame = panel.querySelector("iframe");
  let waiting;
  let asking;
  let shown = "";

  panel.querySelector("[name=_preview]").hidden = true;
  width.closest(".desk-choice").hidden = false;
  // A choice of the preview changes nothing that would have to be saved.
  for (const kind of ["input", "change"]) {
    panel.addEventListener(kind, (event) => { event.stopPropagation(); soon(0); }, true);
    form.addEventListener(kind, () => soon(WAIT));
  }
  // Buttons that empty fields, and scripts that fill them, tell nobody.
  form.addEventListener("click", () => soon(WAIT));
  form.addEventListener("reset", () => soon(WAIT));
  if (panel.clientWidth < NARROW) width.value = "phone";
  new ResizeObserver(fit).observe(frame.parentElement);
  soon(0);

  // A desktop's page is drawn as wide as it is there, and made smaller.
  function fit() {
    const room = frame.parentElement;
    const scale = width.value === "desktop" ? Math.min(1, room.clientWidth / DESKTOP) : 1;
    room.style.setProperty("--scale", scale);
  }

  function soon(after) {
    clearTimeout(waiting);
    waiting = setTimeout(look, after);
  }

  async function look() {
    panel.dataset.width = width.value;
    fit();
    const body = new FormData(form);
    for (const [name, value] of [...body]) {
      if (value instanceof File && (!value.size || value.size > LARGEST)) body.delete(name);
    }
    asking?.abort();
    asking = new AbortController();
    panel.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(panel.dataset.preview, { method: "POST", body, signal: asking.signal });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      show(await answer.text());
      failed.hidden = true;
    } catch (error) {
      if (error.name === "AbortError") return;
      failed.hidden = false;
    }
    panel.removeAttribute("aria-busy");
  }

  // A new frame each time, over the old one: one that is told to go elsewhere would fill the browser's history, and blink.
  function show(page) {
    if (page === shown) return;
    shown = page;
    const old = [...frame.parentElement.children];
    for (const it of old) it.dataset.going = "";
    frame = frame.cloneNode();
    delete frame.dataset.going;
    frame.hidden = false;
    frame.srcdoc = page;
    frame.addEventListener("load", () => old.forEach((it) => it.remove()), { once: true });
    old.at(-1).after(frame);
  }
}
