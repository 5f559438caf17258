// A screen that others use as well (data-kiosk) asks before its time is up, and is cleared when nobody answers. Whoever typed or
// pointed since is not asked. Where a reset is open the server keeps time as well, and is told that somebody is there.
const ASK = 30; // seconds before the end

const box = document.querySelector("[data-kiosk]");
const question = document.querySelector(".kiosk-question");
const held = box.querySelector("form");
const said = box.querySelector("[role=status]");
let touched = false;
let timers = [];

const clear = () => location.replace(box.dataset.over);

function wait(seconds) {
  for (const timer of timers) clearTimeout(timer);
  timers = [setTimeout(clear, (seconds + 1) * 1000)];
  // With less than that left there is no more time to be had.
  if (seconds > ASK) timers.push(setTimeout(ask, (seconds - ASK) * 1000));
}

function ask() {
  if (touched) stay();
  else question.showModal();
}

async function stay() {
  touched = false;
  question.close();
  if (!held) {
    wait(Number(box.dataset.seconds));
    return true;
  }
  try {
    const answer = await fetch(held.action, { method: "POST", body: new FormData(held), cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const there = new URL(answer.url).pathname === location.pathname && page.querySelector("[data-kiosk]");
    if (there) wait(Number(there.dataset.seconds));
    else clear();
    return Boolean(there);
  } catch {
    return false; // the network is away: the time goes on
  }
}

async function more(event) {
  event.preventDefault();
  said.textContent = "";
  if (await stay()) said.textContent = box.dataset.stays;
}

for (const touch of ["keydown", "pointerdown", "input"]) {
  document.addEventListener(touch, () => (touched = true), { capture: true, passive: true });
}
if (held) held.addEventListener("submit", more);
else box.querySelector("button")?.addEventListener("click", more);
question.querySelector("button").addEventListener("click", stay);
question.addEventListener("cancel", stay);
// A page that the browser kept and shows again is somebody else's.
window.addEventListener("pageshow", (event) => event.persisted && clear());
wait(Number(box.dataset.seconds));
