// A menu made of <details data-dismiss> closes by Escape, and when something else is clicked or gets the focus.
for (const menu of document.querySelectorAll("details[data-dismiss]")) {
  const close = (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  };
  document.addEventListener("click", close);
  document.addEventListener("focusin", close);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
