// A state in a line: its symbol, its word, and how long it has been so.

import { make, setAttribute, setText } from "../common/element.js";
import { lookOf, lookOfVerdict } from "../common/states.js";
import { Symbol } from "../common/symbols.js";

/** `symbol word`, in the tone of a look of `states.js`. */
export function stateLine(look, word, more = "") {
  const symbol = new Symbol();
  symbol.show(look.shape);
  const line = make("span", "state", symbol.element, make("span", "word", word));
  if (more) line.append(" ", make("span", "note", more)); // the blank is for files: on the page there is a gap
  line.dataset.tone = look.tone;
  return line;
}

/** The verdict of a shift, and the reason for it. */
export function verdictLine(record, words) {
  const verdict = words.verdicts[record.verdict] ?? record.verdict;
  const reason = record.verdict === "not_judged" ? "" : words.verdictReasons[record.reason];
  const hazard = record.major_hazard ? words.faceStates.hazard : "";
  return stateLine(lookOfRecord(record), verdict, [reason, hazard].filter(Boolean).join(" · "));
}

/** How a shift looks: a major hidden danger is louder than its verdict. */
export function lookOfRecord(record) {
  return record.major_hazard ? lookOf("hazard") : lookOfVerdict(record.verdict);
}

/** A state that changes in place. */
export class StateLine {
  #symbol = new Symbol();
  #word = make("span", "word");
  #more = make("span", "note");

  constructor() {
    this.element = make("span", "state", this.#symbol.element, this.#word, this.#more);
  }

  show(look, word, more = "") {
    this.#symbol.show(look.shape);
    setAttribute(this.element, "data-tone", look.tone);
    setText(this.#word, word);
    setText(this.#more, more);
  }
}
