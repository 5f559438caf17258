// A button with data-resend="10" can be pressed after ten seconds: the code on its way gets the time to arrive.
for (const button of document.querySelectorAll("button[data-resend]")) {
  const countdown = button.querySelector("[data-countdown]");
  const seconds = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "second", unitDisplay: "narrow" });
  const end = Date.now() + Number(button.dataset.resend) * 1000;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    button.disabled = left > 0;
    countdown.hidden = left <= 0;
    countdown.textContent = `(${seconds.format(Math.max(left, 0))})`;
    if (left > 0) setTimeout(tick, 250);
  };
  tick();
}

// What is said with data-after="10" is said after ten seconds.
for (const words of document.querySelectorAll("[data-after]")) {
  words.hidden = true;
  setTimeout(() => {
    words.hidden = false;
  }, Number(words.dataset.after) * 1000);
}
