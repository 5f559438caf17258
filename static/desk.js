// What no style sheet can set right in the desks' skin: an icon with a label is a picture, or its label is not read.
window.addEventListener("load", () =>
  setTimeout(() => {
    for (const icon of document.querySelectorAll(".selector .help-tooltip[aria-label]")) icon.setAttribute("role", "img");
  }),
);
