// The shift judged so far: verdict, highest sustained headcount, time over the limit, completeness.
// The record's coverage is of the whole shift, so a running shift has no verdict for want of data almost to its
// end. What is shown is the share of the time gone by; while that is enough, or less than a minute is unknown, the
// verdict is merely not due yet.

import { make, setAttribute, setText } from "../common/element.js";
import { lookOfVerdict } from "../common/states.js";
import { Symbol } from "../common/symbols.js";
import { instant } from "../common/time.js";
import { percent } from "../common/values.js";

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
    for (const key of ["highest", "over", "coverage", "unknown"]) {
      this.#figures[key] = make("span");
      this.#add(key, this.#figures[key]);
    }
  }

  update({ record, shift, coverage_min: coverageMin }, now) {
    const { spans, verdictReasons } = this.#words;
    const coverage = coverageSoFar(record, shift, now);
    const unknown = unknownMinutes(record, shift, now);
    const isEnough = coverage >= coverageMin || unknown === 0;
    const isPending = record?.verdict === "no_verdict" && !record.final && isEnough;
    const verdict = isPending ? "pending" : record?.verdict;
    const look = lookOfVerdict(verdict);
    this.#symbol.show(look.shape);
    setAttribute(this.element, "data-tone", look.tone);
    setText(this.#verdict, this.#words.verdicts[verdict] ?? spans.none);
    setAttribute(this.#verdict, "title", isPending ? null : (verdictReasons[record?.reason] ?? null));
    setText(this.#figures.highest, record?.headcount_max ?? spans.none);
    setText(this.#figures.over, record ? overText(record.over_limit_s, spans) : spans.none);
    setText(this.#figures.coverage, percent(coverage) ?? spans.none);
    setText(this.#figures.unknown, unknown === null ? spans.none : longText(unknown, spans));
    setAttribute(this.element, "data-unknown", unknown > 0 && coverage < coverageMin ? "" : null);
  }

  #add(key, ...nodes) {
    const label = make("dt", "", this.#words.record[key]);
    this.element.append(make("div", `item ${key}`, label, make("dd", "", ...nodes)));
  }
}

function overText(seconds, spans) {
  if (seconds > 0 && seconds < 60) return spans.underMinute;
  return longText(Math.floor(seconds / 60), spans);
}

/** Whole minutes, from 100 on as hours. */
function longText(minutes, spans) {
  return minutes < 100 ? spans.minutes(minutes) : spans.hours((minutes / 60).toFixed(1));
}

/** Whole minutes of the shift so far of which nothing is known; null where there is no record. */
export function unknownMinutes(record, shift, now) {
  if (!record || shift === null) return null;
  const start = instant(shift.starts_at);
  const length = instant(shift.ends_at) - start;
  const gone = Math.max(0, Math.min(now - start, length));
  return Math.floor(Math.max(0, gone - record.coverage * length) / 60_000);
}

/** Known time over the time gone by since the shift began; null where there is none of either. */
export function coverageSoFar(record, shift, now) {
  if (!record || shift === null) return null;
  const start = instant(shift.starts_at);
  const length = instant(shift.ends_at) - start;
  const gone = Math.min(now - start, length);
  return gone > 0 ? Math.min(1, (record.coverage * length) / gone) : null;
}
