// The faces: one tile each, the headcount the largest thing on the wall.

import { make, setAttribute, setHidden, setText, spoken } from "../common/element.js";
import { Gas, withoutMethane } from "./gas.js";
import { KeyedList } from "../common/keyed_list.js";
import { Place } from "./place.js";
import { ShiftRecord } from "./shift_record.js";
import { lookOf } from "../common/states.js";
import { Symbol } from "../common/symbols.js";
import { ageText, clockText, instant, spanText, timeText } from "../common/time.js";
import { Trend, scaleTop } from "./trend.js";
import { ValueList } from "./value_list.js";

const OLD_READING_MS = 60_000;

export class Faces {
  #list;

  constructor(words) {
    const tiles = make("div", "tiles");
    this.element = make("section", "faces", make("h2", "spoken", words.faces), tiles);
    this.element.setAttribute("aria-label", words.faces);
    this.#list = new KeyedList(tiles, () => new FaceTile(words));
  }

  /** Show these faces with the mine's alarms; `isShown(index)` says which stand on the page that is turned up. */
  update(faces, alarms, now, isShown, pathOf) {
    const top = scaleTop(faces);
    this.#list.update(
      faces.map((face, index) => [face.code, { face, shown: isShown(index) }]),
      alarms,
      now,
      top,
      pathOf,
    );
  }
}

/** What to say about a face: `{word, qualifier}`; the qualifier may go where there is no room. */
export function faceWords(face, words) {
  const word = words.faceStates[face.state] ?? face.state;
  if (face.state === "not_judged") return { word: words.notJudged[face.reason] ?? word, qualifier: word };
  return { word, qualifier: face.reason === "statutory" ? words.overStatutory : "" };
}

class FaceTile {
  #words;
  #name = new Place();
  #number = make("span", "number");
  #limit = make("span", "bound");
  #age = make("span", "age");
  #symbol = new Symbol();
  #word = make("span", "word");
  #qualifier = make("span", "qualifier");
  #duration = make("span", "duration");
  #state;
  #gas;
  #values;
  #trend;
  #record;

  constructor(words) {
    this.#words = words;
    this.#gas = new Gas(words);
    this.#values = new ValueList(words, words.tag === "en" ? "en" : "zh");
    this.#trend = new Trend(words);
    this.#record = new ShiftRecord(words);
    const parts = [this.#word, this.#qualifier, this.#duration, this.#age];
    this.#state = make("p", "state", this.#symbol.element, ...parts);
    this.element = make(
      "article",
      "face",
      this.#name.element,
      make("p", "count", spoken(words.headcount), this.#number, this.#limit),
      this.#state,
      this.#gas.element,
      this.#values.element,
      this.#trend.element,
      this.#record.element,
    );
  }

  update({ face, shown }, alarms, now, top, pathOf) {
    const look = lookOf(face.state);
    setHidden(this.element, !shown);
    setAttribute(this.element, "data-state", face.state);
    setAttribute(this.element, "data-tone", look.tone);
    this.#name.show(face.name, pathOf(`face/${face.code}`));
    this.#showCount(face, now);
    this.#showState(face, now, look);
    this.#gas.update(face, alarms);
    this.#values.update(withoutMethane(face.values), now);
    this.#trend.update(face, now, top);
    this.#record.update(face, now);
  }

  #showCount(face, now) {
    const { spans, limit, linkHeads, readAt, readingAge } = this.#words;
    const at = instant(face.headcount_at);
    const blind = face.state === "unknown" || face.headcount === null;
    const age = ageText(at, now, this.#words);
    const hasLimit = face.state !== "not_judged" || face.reason === "handover";
    setText(this.#number, blind ? spans.none : face.headcount);
    setText(this.#limit, hasLimit ? `/ ${face.limit}` : "");
    setAttribute(this.#limit, "title", `${limit} ${face.limit}`);
    setText(this.#age, !blind && at !== null && now - at > OLD_READING_MS ? `${linkHeads.age} ${age}` : "");
    setAttribute(this.#number, "title", at === null ? null : `${readAt(clockText(at))}, ${readingAge(age)}`);
  }

  #showState(face, now, look) {
    const { word, qualifier } = faceWords(face, this.#words);
    const since = instant(face.since);
    this.#symbol.show(look.shape);
    setText(this.#word, word);
    setText(this.#qualifier, qualifier);
    setText(this.#duration, spanText(since, now, this.#words));
    setAttribute(this.#state, "title", since === null ? null : this.#words.since(timeText(since, now)));
  }
}
