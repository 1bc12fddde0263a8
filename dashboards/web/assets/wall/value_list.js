// The readings of a face or chamber as label and figure, each with its age on demand.

import { make, setAttribute, setText } from "../common/element.js";
import { KeyedList } from "../common/keyed_list.js";
import { ageText, clockText, instant } from "../common/time.js";
import { figureOf, nameParts } from "../common/values.js";

export class ValueList {
  #list;

  constructor(words, lang) {
    this.element = make("dl", "values");
    this.#list = new KeyedList(this.element, () => new Value(words, lang));
  }

  update(values, now) {
    const shown = values.slice(0, 4);
    this.#list.update(
      shown.map((value) => [value.metric, value]),
      now,
    );
  }
}

class Value {
  #words;
  #lang;
  #equipment = make("span", "equipment");
  #quantity = make("span", "quantity");
  #figure = make("span", "figure");
  #unit = make("span", "unit");

  constructor(words, lang) {
    this.#words = words;
    this.#lang = lang;
    const label = make("dt", "", this.#equipment, " ", this.#quantity);
    this.element = make("div", "value", label, make("dd", "", this.#figure, " ", this.#unit));
  }

  update(value, now) {
    const { figure, unit, tone } = figureOf(value, this.#words);
    const at = instant(value.at);
    const [equipment, quantity] = nameParts(value, this.#lang);
    setText(this.#equipment, equipment);
    setText(this.#quantity, quantity);
    setText(this.#figure, figure);
    setText(this.#unit, unit);
    setAttribute(this.element, "data-tone", tone || null);
    const age = at === null ? "" : `, ${clockText(at)}, ${this.#words.readingAge(ageText(at, now, this.#words))}`;
    setAttribute(this.element, "title", `${value[this.#lang]}${age}`);
  }
}
