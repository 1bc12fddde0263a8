// The shift judged so far: verdict, highest sustained headcount, time over the limit, completeness.

import { make, setAttribute, setText } from "./element.js";
import { lookOfVerdict } from "./states.js";
import { Symbol } from "./symbols.js";
import { percent } from "./values.js";

export class ShiftRecord {
  #words;
  #symbol = new Symbol();
  #verdict = make("span", "word");
  #figures = {};

  constructor(words) {
    this.#words = words;
    this.element = make("dl", "record");
    this.element.setAttribute("aria-label", words.soFar);
    this.#add("verdict", this.#symbol.element, this.#verdict);
    for (const key of ["highest", "over", "coverage"]) {
      this.#figures[key] = make("span");
      this.#add(key, this.#figures[key]);
    }
  }

  update(record) {
    const { spans, verdicts, verdictReasons } = this.#words;
    const look = lookOfVerdict(record?.verdict);
    this.#symbol.show(look.shape);
    setAttribute(this.element, "data-tone", look.tone);
    setText(this.#verdict, verdicts[record?.verdict] ?? spans.none);
    setAttribute(this.#verdict, "title", verdictReasons[record?.reason] ?? null);
    setText(this.#figures.highest, record?.headcount_max ?? spans.none);
    setText(this.#figures.over, record ? overText(record.over_limit_s, spans) : spans.none);
    setText(this.#figures.coverage, percent(record?.coverage) ?? spans.none);
  }

  #add(key, ...nodes) {
    const label = make("dt", "", this.#words.record[key]);
    this.element.append(make("div", `item ${key}`, label, make("dd", "", ...nodes)));
  }
}

function overText(seconds, spans) {
  if (seconds > 0 && seconds < 60) return spans.underMinute;
  return spans.minutes(Math.floor(seconds / 60));
}
