// The chambers: a line or a card each, and above them how many are in which state.

import { make, setAttribute, setHidden, setText, spoken } from "../common/element.js";
import { KeyedList } from "../common/keyed_list.js";
import { Place } from "./place.js";
import { byUrgency, lookOf } from "../common/states.js";
import { Symbol } from "../common/symbols.js";
import { instant, spanText, timeText } from "../common/time.js";
import { isGood } from "../common/values.js";
import { ValueList } from "./value_list.js";

const VIDEO = "Video/Online";
const SIGNALS = new Set([VIDEO, "Personnel/Headcount", "Control/Mode"]);
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
  update(chambers, now, isShown, pathOf) {
    this.#list.update(
      chambers.map((chamber, index) => [chamber.code, { chamber, shown: isShown(index) }]),
      now,
      pathOf,
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

/** Whether the picture of a chamber comes: `on`, `off`, `unknown`; null where there is no camera. */
export function videoOf({ values }) {
  const video = values.find(({ metric }) => metric === VIDEO);
  if (video === undefined) return null;
  return isGood(video) ? (video.value ? "on" : "off") : "unknown";
}

const VIDEO_LOOKS = {
  on: { shape: "camera", tone: null },
  off: { shape: "camera_off", tone: "over" },
  unknown: { shape: "camera_off", tone: "unknown" },
};

class Chamber {
  #words;
  #name = new Place();
  #symbol = new Symbol();
  #word = make("span", "word");
  #duration = make("span", "duration");
  #state;
  #people = make("span");
  #mode = make("span");
  #camera = new Symbol();
  #videoWord = make("span", "video-word");
  #video = make("span", "video", this.#camera.element, this.#videoWord);
  #visit = make("span", "visit");
  #visitAt = make("span");
  #values;

  constructor(words) {
    this.#words = words;
    this.#values = new ValueList(words, words.tag === "en" ? "en" : "zh");
    this.#state = make("p", "state", this.#symbol.element, this.#word);
    const patrol = new Symbol();
    patrol.show("half");
    this.#visit.append(patrol.element, spoken(words.lastVisit), this.#visitAt);
    const details = make("p", "details", this.#people, this.#mode, this.#video);
    const when = make("p", "when", this.#visit, this.#duration);
    this.element = make("li", "chamber", this.#name.element, this.#state, details, when, this.#values.element);
  }

  update({ chamber, shown }, now, pathOf) {
    const look = lookOf(chamber.state);
    const since = instant(chamber.since);
    setHidden(this.element, !shown);
    setAttribute(this.element, "data-state", chamber.state);
    setAttribute(this.element, "data-tone", look.tone);
    this.#name.show(chamber.name, pathOf(`chamber/${chamber.code}`));
    this.#symbol.show(look.shape);
    setText(this.#word, this.#words.chamberStates[chamber.state] ?? chamber.state);
    setText(this.#duration, spanText(since, now, this.#words));
    setAttribute(this.#duration, "title", since === null ? null : this.#words.since(timeText(since, now)));
    this.#showDetails(chamber, now);
    this.#showVideo(videoOf(chamber));
    this.#values.update(withoutSignals(chamber.values), now);
  }

  #visitText(at, now) {
    if (at === null) return this.#words.spans.none;
    return now - at < A_DAY_MS ? timeText(at) : spanText(at, now, this.#words);
  }

  #showDetails({ occupancy, control_mode: mode, visit_at: visitAt }, now) {
    const { people, controlModes, lastVisit } = this.#words;
    const at = instant(visitAt);
    const visit = this.#visitText(at, now);
    setText(this.#people, people(occupancy ?? "?"));
    setText(this.#mode, controlModes[mode] ?? "?");
    setText(this.#visitAt, visit);
    setAttribute(this.#visit, "title", `${lastVisit} ${at === null ? visit : timeText(at, now)}`);
  }

  #showVideo(video) {
    setHidden(this.#video, video === null);
    if (video === null) return;
    const { shape, tone } = VIDEO_LOOKS[video];
    const word = this.#words.video[video];
    this.#camera.show(shape);
    setAttribute(this.#video, "data-tone", tone);
    setText(this.#videoWord, word);
    setAttribute(this.#video, "title", word);
  }
}

/** What is said in words anyway is not listed as a value. */
function withoutSignals(values) {
  return values.filter(({ metric }) => !SIGNALS.has(metric));
}
