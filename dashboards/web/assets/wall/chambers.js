// The chambers: a line or a card each, and above them how many are in which state.

import { make, setAttribute, setHidden, setText, spoken } from "../common/element.js";
import { KeyedList } from "../common/keyed_list.js";
import { byUrgency, lookOf } from "../common/states.js";
import { Symbol } from "../common/symbols.js";
import { instant, spanText, timeText } from "../common/time.js";
import { ValueList } from "./value_list.js";

const A_DAY_MS = 20 * 3_600_000; // beyond which a time of day would mislead

export class Chambers {
  #words;
  #list;
  #counts;

  constructor(words) {
    this.#words = words;
    const items = make("ul", "items");
    const counts = make("ul", "counts");
    const head = make("div", "head", make("h2", "", words.chambers), counts);
    this.element = make("section", "chambers", head, items);
    this.element.setAttribute("aria-label", words.chambers);
    this.#list = new KeyedList(items, () => new Chamber(words));
    this.#counts = new KeyedList(counts, () => new Count(words));
  }

  /** Show these chambers; `isShown(index)` says which stand on the page that is turned up. */
  update(chambers, now, isShown) {
    this.#list.update(
      chambers.map((chamber, index) => [chamber.code, { chamber, shown: isShown(index) }]),
      now,
    );
    const counts = new Map();
    for (const { state } of byUrgency(chambers)) counts.set(state, (counts.get(state) ?? 0) + 1);
    this.#counts.update([...counts].map(([state, count]) => [state, { state, count }]));
  }
}

class Count {
  #words;
  #symbol = new Symbol();
  #state = spoken();
  #count = make("span", "figure");

  constructor(words) {
    this.#words = words;
    this.element = make("li", "", this.#symbol.element, this.#state, this.#count);
  }

  update({ state, count }) {
    const look = lookOf(state);
    this.#symbol.show(look.shape);
    setAttribute(this.element, "data-tone", look.tone);
    const word = this.#words.chamberStates[state] ?? state;
    setAttribute(this.element, "title", `${word} ${count}`);
    setText(this.#state, word);
    setText(this.#count, count);
  }
}

class Chamber {
  #words;
  #name = make("h3", "name");
  #symbol = new Symbol();
  #word = make("span", "word");
  #duration = make("span", "duration");
  #state;
  #details = make("p", "details");
  #people = make("span");
  #mode = make("span");
  #visit = make("span", "visit");
  #values;

  constructor(words) {
    this.#words = words;
    this.#values = new ValueList(words, words.tag === "en" ? "en" : "zh");
    this.#state = make("p", "state", this.#symbol.element, this.#word, this.#duration);
    this.#details.append(this.#people, this.#mode, this.#visit);
    this.element = make("li", "chamber", this.#name, this.#state, this.#details, this.#values.element);
  }

  update({ chamber, shown }, now) {
    const look = lookOf(chamber.state);
    const since = instant(chamber.since);
    setHidden(this.element, !shown);
    setAttribute(this.element, "data-state", chamber.state);
    setAttribute(this.element, "data-tone", look.tone);
    setText(this.#name, chamber.name);
    setAttribute(this.#name, "title", chamber.name);
    this.#symbol.show(look.shape);
    setText(this.#word, this.#words.chamberStates[chamber.state] ?? chamber.state);
    setText(this.#duration, spanText(since, now, this.#words));
    setAttribute(this.#state, "title", since === null ? null : this.#words.since(timeText(since, now)));
    this.#showDetails(chamber, now);
    this.#values.update(chamber.values, now);
  }

  #visitText(at, now) {
    if (at === null) return this.#words.spans.none;
    return now - at < A_DAY_MS ? timeText(at) : this.#words.readingAge(spanText(at, now, this.#words));
  }

  #showDetails({ occupancy, control_mode: mode, visit_at: visitAt }, now) {
    const { people, controlModes, lastVisit } = this.#words;
    setText(this.#people, people(occupancy ?? "?"));
    setText(this.#mode, controlModes[mode] ?? "?");
    setText(this.#visit, lastVisit(this.#visitText(instant(visitAt), now)));
  }
}
