// How the page looks: rows, errors beside their fields, and the words that are put together here.
import { about } from "./speaking.js";

export const { words } = about;
export const find = (id) => document.getElementById(id);

/** Put values into a sentence with named places. */
export const put = (sentence, values) => sentence.replace(/%\((\w+)\)s/g, (_whole, name) => values[name] ?? "");

/** Say what came of something, where a reader hears it. */
export function tell(text, focus = false) {
  const status = find("status");
  if (status.textContent !== text) status.textContent = text;
  status.hidden = !text;
  if (focus) {
    status.tabIndex = -1;
    status.focus();
  }
}

/** Say that something went wrong, or that it no longer does. */
export function warn(text) {
  const trouble = find("trouble");
  trouble.hidden = !text;
  trouble.querySelector("[data-said]").textContent = text;
}

/** Say what is wrong with a field, and go there; nothing takes it back. */
export function complain(field, text) {
  const error = find(`${field.id}-error`);
  error.hidden = !text;
  error.querySelector("[data-said]").textContent = text;
  if (text) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  if (text) field.focus();
}

/** Fill a list with a row for each of these, made once and then kept. */
export function rows(section, values, id, fill) {
  const list = section.querySelector("ul");
  const wanted = new Set(values.map(id));
  for (const row of [...list.children]) if (!wanted.has(row.dataset.id)) row.remove();
  for (const value of values) {
    let row = [...list.children].find((one) => one.dataset.id === id(value));
    if (!row) {
      row = find("row").content.firstElementChild.cloneNode(true);
      row.dataset.id = id(value);
      list.append(row);
    }
    fill(row, value);
  }
  section.hidden = values.length === 0;
}

/** Set a text where it differs, so that nothing is read out twice. */
export function set(row, part, text) {
  const at = row.querySelector(`[data-part="${part}"]`);
  if (at.textContent !== text) at.textContent = text;
  at.hidden = !text;
  return at;
}

/** Make the button of a row that takes it away: a second press does it. */
export function removal(row, name, act) {
  const button = row.querySelector("[data-remove]");
  if (button.dataset.ready) return;
  button.dataset.ready = "1";
  button.textContent = words.remove;
  button.setAttribute("aria-label", put(words.remove_whose, { name }));
  button.addEventListener("click", () => {
    if (button.dataset.sure) {
      act();
      return;
    }
    button.dataset.sure = "1";
    button.textContent = words.remove_sure;
    button.removeAttribute("aria-label");
    button.classList.replace("quiet", "danger");
  });
}

/** Let a form do something when it is sent, once at a time. */
export function sent(form, act) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    try {
      await act(form.elements);
    } catch {
      warn(words.failed);
    } finally {
      form.removeAttribute("aria-busy");
    }
  });
}
