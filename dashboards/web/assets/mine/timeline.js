// A chamber's states, one row a day: a band for each stretch, a symbol where there is room, patrols as ticks below.

import { make } from "../common/element.js";
import { lookOf } from "../common/states.js";
import { Symbol } from "../common/symbols.js";
import { clockText, instant } from "../common/time.js";

const SYMBOL_SHARE = 0.018;

export class Timeline {
  #words;
  #hrefOf;
  #rows = make("ol", "rows");

  /** `hrefOf(day)` leads to one day. */
  constructor(words, hrefOf) {
    this.#words = words;
    this.#hrefOf = hrefOf;
    const hours = make("div", "hours", ...[0, 3, 6, 9, 12, 15, 18, 21, 24].map((hour) => hourMark(hour)));
    hours.setAttribute("aria-hidden", "true");
    this.element = make("div", "timeline", this.#rows, hours, this.#legend());
  }

  /** Show the API's timeline. */
  show({ days, states, visits }) {
    const spans = states.map(([from, to, state]) => ({ from: instant(from), to: instant(to), state }));
    const ticks = visits.map(({ from, to, kind }) => ({ from: instant(from), to: instant(to), kind }));
    const held = this.#rows.contains(document.activeElement) ? document.activeElement.hash : null;
    this.#rows.replaceChildren(
      ...[...days].reverse().map(([on, from, to]) => this.#row(on, instant(from), instant(to), spans, ticks)),
    );
    if (held !== null)
      [...this.#rows.querySelectorAll("a")]
        .find((link) => link.hash === held)
        ?.focus({ preventScroll: true });
  }

  #row(on, start, end, spans, ticks) {
    const inside = (each) => each.from < end && each.to > start;
    const share = (at) => (Math.max(start, Math.min(at, end)) - start) / (end - start);
    const bands = spans.filter(inside).map((span) => this.#band(span, share(span.from), share(span.to)));
    const visits = ticks
      .filter((tick) => tick.from < end && tick.to >= start)
      .map((tick) => this.#tick(tick, share(tick.from), share(tick.to)));
    const link = make("a", "day", on.slice(5));
    link.href = this.#hrefOf(on);
    link.setAttribute("aria-label", `${on}: ${this.#told(spans.filter(inside), visits.length)}`);
    return make("li", "", link, make("div", "line", ...bands, ...visits));
  }

  #band({ from, to, state }, left, right) {
    const band = make("span", "band");
    const word = this.#words.chamberStates[state] ?? state;
    band.dataset.state = state;
    band.title = `${clockText(from)}–${clockText(to)} ${word}`;
    band.style.left = `${left * 100}%`;
    band.style.width = `${(right - left) * 100}%`;
    if (right - left > SYMBOL_SHARE) {
      const symbol = new Symbol();
      symbol.show(lookOf(state).shape);
      band.append(symbol.element);
    }
    return band;
  }

  #tick({ from, to, kind }, left, right) {
    const tick = make("span", `tick ${kind}`);
    tick.title = `${clockText(from)}–${clockText(to)} ${this.#words.visitKinds[kind]}`;
    tick.style.left = `${left * 100}%`;
    tick.style.width = `max(3px, ${(right - left) * 100}%)`;
    return tick;
  }

  /** A row in words, for those who do not see it: the time in each state, and the visits. */
  #told(spans, visits) {
    const time = new Map();
    for (const { from, to, state } of spans) time.set(state, (time.get(state) ?? 0) + to - from);
    const parts = [...time].map(
      ([state, ms]) => `${this.#words.chamberStates[state]} ${this.#words.hoursShort(ms / 1000)}`,
    );
    return [...parts, this.#words.visitCount(visits)].join(", ");
  }

  #legend() {
    const states = [
      "unattended",
      "patrol",
      "central_control",
      "attended",
      "unprotected",
      "local_control",
      "unknown",
    ].map((state) => {
      const symbol = new Symbol();
      symbol.show(lookOf(state).shape);
      const item = make("li", "", make("i", "swatch"), symbol.element, this.#words.chamberStates[state]);
      item.dataset.state = state;
      return item;
    });
    const visits = Object.entries(this.#words.visitKinds).map(([kind, word]) =>
      make("li", "", make("i", `tick ${kind}`), word),
    );
    return make("ul", "legend", ...states, ...visits);
  }
}

function hourMark(hour) {
  const mark = make("span", "", String(hour));
  mark.style.left = `${(hour / 24) * 100}%`;
  return mark;
}
