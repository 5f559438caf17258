// The captcha: the vendored widget with our words and our worker, and three courtesies that it lacks. It says aloud when it is
// done, renews itself when it has expired, and a form sent a moment too early waits for it instead of coming back with an error.
import "./vendor/altcha/altcha.min.js";

const { algorithms, i18n } = globalThis.$altcha;
const worker = new URL("./vendor/altcha/pbkdf2.js", import.meta.url);
algorithms.set("PBKDF2/SHA-256", () => new Worker(worker, { type: "module" }));

for (const widget of document.querySelectorAll("altcha-widget")) {
  const texts = JSON.parse(widget.dataset.texts);
  const status = widget.parentElement.querySelector("[role=status]");
  let submitter;
  let waiting = false;

  function renew() {
    if (document.hidden) document.addEventListener("visibilitychange", renew, { once: true });
    else widget.verify();
  }

  i18n.set(widget.getAttribute("language"), texts);

  widget.addEventListener("statechange", ({ detail }) => {
    // Errors are alerts of the widget's own.
    status.textContent = detail.state === "verified" ? texts.verified : "";
    if (detail.state === "verified" && waiting) {
      waiting = false;
      // After the widget has put its answer into the form.
      setTimeout(() => widget.closest("form").requestSubmit(submitter));
    } else if (detail.state === "error") {
      waiting = false;
    } else if (detail.state === "expired") {
      renew();
    }
  });

  document.addEventListener(
    "submit",
    (event) => {
      if (!event.target.contains(widget) || widget.getState() === "verified") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      submitter = event.submitter;
      waiting = true;
      if (widget.getState() !== "verifying") widget.verify();
    },
    true,
  );
}
