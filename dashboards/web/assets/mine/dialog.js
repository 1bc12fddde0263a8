// A question to the person before an act: why, and how long. Escape and the button beside it leave without doing it.

import { make, setText } from "../common/element.js";
import { faultOf } from "../common/panel.js";

/**
 * Ask with these fields, `{name, label, control}`, and `act(values)`, which gives the centre's answer; the dialog closes
 * when that is well, and says what is wrong where it is not.
 */
export function askFirst(words, { title, fields, button, act }) {
  const fault = make("p", "fault");
  fault.setAttribute("role", "alert");
  const go = make("button", "first", button);
  const leave = make("button", "", words.leave);
  leave.type = "button";
  const rows = fields.map(({ label, control }) =>
    make("label", "row", make("span", "label", label), control),
  );
  const form = make("form", "", make("h2", "", title), ...rows, fault, make("div", "buttons", go, leave));
  const dialog = make("dialog", "", form);
  dialog.setAttribute("aria-label", title);
  leave.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    const answer = await act(Object.fromEntries(fields.map(({ name, control }) => [name, control.value])));
    go.disabled = false;
    if (answer.ok) dialog.close();
    else setText(fault, faultOf(answer, words).join(" "));
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** A text that must be filled in. */
export function textField(lengthMax, isRequired = true) {
  const control = make("textarea");
  control.rows = 2;
  control.maxLength = lengthMax;
  control.required = isRequired;
  return control;
}

/** A choice of `[value, word]`. */
export function choiceField(choices, chosen = null) {
  const control = make(
    "select",
    "",
    ...choices.map(([value, word]) => new Option(word, value, false, value === chosen)),
  );
  return control;
}

/** An instant, `2022-10-31T13:46`. */
export function instantField(text) {
  const control = make("input");
  control.type = "datetime-local";
  control.required = true;
  control.value = text;
  return control;
}
