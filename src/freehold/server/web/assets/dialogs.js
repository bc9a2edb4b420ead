// Asking a person, in the page's one dialog.
import { byId, el } from "./dom.js";

/** Ask; the value of the button that was pressed, or "" when it was let go. */
export function choose(title, body, buttons) {
  const dialog = byId("ask");
  byId("ask-title").textContent = title;
  byId("ask-body").replaceChildren(...[body].flat());
  byId("ask-buttons").replaceChildren(
    ...buttons.map(([value, label, kind]) => el("button", { value, class: kind ?? "" }, label)),
  );
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue), { once: true }));
}

export const confirm = async (title, text, label, kind = "danger") =>
  (await choose(title, el("p", {}, text), [["", "Cancel"], ["yes", label, kind]])) === "yes";

/** Ask for a line of text; null when it was let go. */
export async function line(title, value, label) {
  const field = el("input", { value, "aria-label": title, maxLength: 120, autofocus: true });
  const said = choose(title, field, [["", "Cancel"], ["yes", label, "main"]]);
  const submit = byId("ask-buttons").lastChild;
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    submit.click();
  });
  field.select();
  return (await said) === "yes" ? field.value.trim() : null;
}
