// What no style sheet can set right in the desks' skin: an icon with a label is a picture, or its label is not read; a list that
// is searched as one types has the name of its field, and what is chosen in it.
window.addEventListener("load", () =>
  setTimeout(() => {
    for (const icon of document.querySelectorAll(".selector .help-tooltip[aria-label]")) icon.setAttribute("role", "img");
    for (const box of document.querySelectorAll(".select2-selection--single[role=combobox]")) {
      const select = box.closest(".select2-container")?.parentElement?.querySelector("select");
      const chosen = box.querySelector(".select2-selection__rendered");
      const label = select?.labels?.[0];
      if (!label || !chosen) continue;
      label.id ||= `${select.id}-label`;
      for (const name of ["role", "aria-readonly"]) chosen.removeAttribute(name);
      box.setAttribute("aria-labelledby", `${label.id} ${chosen.id}`);
    }
  }),
);
