// The way from one face or chamber of a mine to the next.

import { make, setAttribute } from "../common/element.js";
import { hashOf } from "../common/places.js";

export class Siblings {
  #place;
  #select = make("select");
  #codes = "";

  constructor(words, place) {
    this.#place = place;
    const label = make("label", "field", make("span", "label", words.siblings[place]), this.#select);
    this.element = make("div", "siblings", label);
    this.#select.addEventListener("change", () => {
      location.hash = hashOf(this.#place, this.#select.value);
    });
  }

  /** `items` have a code and a name; `code` is the one that is open. */
  show(items, code) {
    const codes = JSON.stringify(items.map((item) => [item.code, item.name]));
    if (codes !== this.#codes) {
      this.#codes = codes;
      this.#select.replaceChildren(...items.map((item) => option(item)));
    }
    if (this.#select.value !== code) this.#select.value = code;
    setAttribute(this.element, "hidden", items.length < 2 ? "" : null);
  }
}

function option({ code, name }) {
  const node = make("option", "", name);
  node.value = code;
  return node;
}
