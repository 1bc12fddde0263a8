// Choosing a stretch of time: ready-made lengths up to now, or two dates or instants of one's own.

import { make, setAttribute } from "./element.js";
import { dayText, fromDayText, fromStampText, stampText } from "./time.js";

const DAY = 86_400_000;

export class Period {
  #words;
  #fields;
  #presets;
  #daysMax;
  #byDay;
  #onChange;

  /**
   * `presets` are `{word, ms}`, the lengths that are offered; `byDay` asks for dates, else for minutes; `daysMax` is
   * the longest; `onChange({from, to})` is called with milliseconds, `to` excluded.
   */
  constructor(words, { presets, byDay = false, daysMax, onChange }) {
    this.#words = words;
    this.#daysMax = daysMax;
    this.#byDay = byDay;
    this.#onChange = onChange;
    this.#fields = { from: field(words.from, byDay), to: field(words.to, byDay) };
    this.#presets = presets.map((preset) => [preset, this.#preset(preset)]);
    for (const { input } of Object.values(this.#fields)) input.addEventListener("change", () => this.#take());
    const buttons = make("div", "choices", ...this.#presets.map(([, button]) => button));
    this.element = make("div", "period", buttons, this.#fields.from.label, this.#fields.to.label);
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", words.period);
  }

  /** Show a stretch; `preset` is the length of it that was chosen, if one was. */
  set(from, to, preset = null) {
    const text = this.#byDay ? dayText : stampText;
    this.#fields.from.input.value = text(from).replace(" ", "T");
    this.#fields.to.input.value = text(this.#byDay ? to - 1 : to).replace(" ", "T");
    for (const { input } of Object.values(this.#fields)) input.setCustomValidity("");
    for (const [{ ms }, button] of this.#presets) setAttribute(button, "aria-pressed", String(ms === preset));
  }

  #preset({ word, ms }) {
    const button = make("button", "choice", word);
    button.type = "button";
    button.addEventListener("click", () => this.#onChange({ length: ms }));
    return button;
  }

  #take() {
    const { from, to } = this.#fields;
    const begin = this.#instant(from.input.value);
    const end = this.#instant(to.input.value) + (this.#byDay ? DAY : 0);
    if (Number.isNaN(begin) || Number.isNaN(end)) return;
    const fault =
      end <= begin
        ? this.#words.periodBackwards
        : end - begin > this.#daysMax * DAY
          ? this.#words.periodTooLong(this.#daysMax)
          : "";
    to.input.setCustomValidity(fault);
    if (fault) to.input.reportValidity();
    else this.#onChange({ from: begin, to: end });
  }

  #instant(text) {
    return this.#byDay ? fromDayText(text) : fromStampText(text);
  }
}

function field(word, byDay) {
  const input = make("input");
  input.type = byDay ? "date" : "datetime-local";
  return { input, label: make("label", "field", make("span", "label", word), input) };
}
