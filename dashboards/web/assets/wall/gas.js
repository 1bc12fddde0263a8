// The methane of a face: the highest of its sensors; marked where one of them is not to be trusted, and like its alarm
// where it has one.

import { make, setAttribute, setHidden, setText, spoken } from "../common/element.js";
import { Symbol } from "../common/symbols.js";
import { keyFigure } from "./key_panel.js";
import { METHANE, methaneOf } from "./key_values.js";

export class Gas {
  #words;
  #symbol = new Symbol();
  #figure = make("span", "figure");
  #unit = make("span", "unit");

  constructor(words) {
    this.#words = words;
    const label = make("span", "label", "CH₄");
    label.setAttribute("aria-hidden", "true");
    this.element = make("p", "gas", spoken(words.methane), label, this.#symbol.element, this.#figure, this.#unit);
  }

  /** `alarms` are those of the whole mine. */
  update(face, alarms) {
    const methane = methaneOf(face);
    setHidden(this.element, methane === null);
    if (methane === null) return;
    const { figure, unit, look } = keyFigure(methane, alarms, this.#words);
    this.#symbol.show(look?.shape ?? "question");
    setText(this.#figure, figure);
    setText(this.#unit, unit);
    setAttribute(this.element, "data-tone", look?.tone ?? null);
    const unknown = methane.unknown > 0 ? ` ${this.#words.sensorsUnknown(methane.unknown, methane.of)}` : "";
    setAttribute(this.element, "title", `${this.#words.methane} ${figure} ${unit}${unknown}`);
  }
}

/** What stands there is not to be listed again. */
export function withoutMethane(values) {
  return values.filter(({ metric }) => !METHANE.test(metric));
}
