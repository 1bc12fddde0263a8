// A table with a heading within a panel, or why it has no rows; made once and shown anew in place.

import { make, setHidden, setText } from "../common/element.js";
import { EmptyNote } from "../common/empty_note.js";

export class Part {
  #table;
  #note;
  #more = make("p", "note");

  constructor(title, table) {
    this.#table = table;
    this.element = make("section", "part", make("h3", "", title), table.element, this.#more);
    this.#note = new EmptyNote(this.element);
  }

  /** Show these rows; `empty` is what to say without any, `more` what to say below them. */
  show(rows, empty, more = "") {
    setHidden(this.#table.element, rows.length === 0);
    this.#note.show(rows.length === 0 ? empty : null);
    this.#table.show(rows);
    setText(this.#more, more);
    setHidden(this.#more, more === "");
  }
}
