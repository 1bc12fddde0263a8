// What stands where there is nothing to show: what is missing, and what to do next.

import { make, setHidden, setText } from "./element.js";

export class EmptyNote {
  #what = make("strong");
  #next = make("span");

  constructor(parent) {
    this.element = make("p", "empty", this.#what, this.#next);
    setHidden(this.element, true);
    parent.append(this.element);
  }

  /** `[what, next]`, or null when there is something to show. */
  show(note) {
    setHidden(this.element, note === null);
    if (note === null) return;
    setText(this.#what, note[0]);
    setText(this.#next, note[1]);
  }
}
