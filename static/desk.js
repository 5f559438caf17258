// What no style sheet can set right in the desks' skin: an icon with a label is a picture, or its label is not read; a list that
// is searched as one types has the name of the field that it stands for.
window.addEventListener("load", () =>
  setTimeout(() => {
    for (const icon of document.querySelectorAll(".selector .help-tooltip[aria-label]")) icon.setAttribute("role", "img");
    for (const box of document.querySelectorAll(".select2-selection[role=combobox]")) {
      const label = box.closest(".select2-container")?.parentElement?.querySelector("select")?.labels?.[0];
      if (label) box.setAttribute("aria-label", label.textContent.trim());
    }
  }),
);
