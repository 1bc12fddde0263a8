// The name of a face or chamber; where there is a page about it, a link to that.

import { make, setAttribute, setText } from "../common/element.js";

export class Place {
  #link = make("a");

  constructor() {
    this.element = make("h3", "name", this.#link);
  }

  /** `path` is null where there is none. */
  show(name, path) {
    setText(this.#link, name);
    setAttribute(this.#link, "title", name);
    setAttribute(this.#link, "href", path);
  }
}
