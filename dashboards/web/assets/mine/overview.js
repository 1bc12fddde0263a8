// What the mine is now: a card for each face and chamber, the way down to each of them.

import { make, setAttribute, setText } from "../common/element.js";
import { KeyedList } from "../common/keyed_list.js";
import { EmptyNote } from "../common/empty_note.js";
import { hashOf } from "../common/places.js";
import { lookOf } from "../common/states.js";
import { instant, spanText } from "../common/time.js";
import { percent } from "../common/values.js";
import { StateLine } from "./state.js";

export class OverviewPage {
  #words;
  #name = make("h1");
  #facts = { alarms: make("dd"), gateways: make("dd"), delivered: make("dd"), shift: make("dd") };
  #lists = {};
  #notes = {};

  constructor(words) {
    this.#words = words;
    const facts = Object.entries(this.#facts).map(([key, value]) =>
      make("div", "", make("dt", "", words.facts[key]), value),
    );
    this.element = make(
      "div",
      "place",
      make("div", "title", this.#name, make("dl", "facts", ...facts)),
      this.#section("faces", () => new FaceCard(words)),
      this.#section("chambers", () => new ChamberCard(words)),
    );
  }

  live({ state, now }) {
    setText(this.#name, state.mine.name);
    this.#lists.faces.update(
      state.faces.map((face) => [face.code, face]),
      now,
    );
    this.#lists.chambers.update(
      state.chambers.map((chamber) => [chamber.code, chamber]),
      now,
    );
    this.#notes.faces.show(state.faces.length ? null : this.#words.empty.noFaces);
    this.#notes.chambers.show(state.chambers.length ? null : this.#words.empty.noChambers);
    this.#showFacts(state);
  }

  #showFacts({ alarms, links, delivered, shift }) {
    const { spans, shiftKinds, noShift, waitingAlarms } = this.#words;
    const online = links.filter((link) => link.online).length;
    setText(
      this.#facts.alarms,
      alarms
        ? waitingAlarms(
            alarms.waiting,
            Object.values(alarms.counts).reduce((a, b) => a + b, 0),
          )
        : spans.none,
    );
    const isShort = online < links.length || links.length === 0;
    setText(this.#facts.gateways, `${isShort ? "? " : ""}${online}/${links.length}`);
    setAttribute(this.#facts.gateways.parentElement, "data-tone", isShort ? "unknown" : null);
    setText(this.#facts.delivered, percent(delivered) ?? spans.none);
    setText(this.#facts.shift, shift === null ? noShift : `${shift.name} ${shiftKinds[shift.kind]}`);
  }

  #section(kind, create) {
    const cards = make("div", "cards");
    const section = make("section", "group", make("h2", "", this.#words[kind]), cards);
    this.#lists[kind] = new KeyedList(cards, create);
    this.#notes[kind] = new EmptyNote(section);
    return section;
  }
}

class Card {
  #name = make("h3", "name");
  #state = new StateLine();

  constructor(words, place, ...middle) {
    this.words = words;
    this.place = place;
    this.element = make("a", "card", this.#name, ...middle, this.#state.element);
  }

  show(item, word, now) {
    const look = lookOf(item.state);
    this.element.href = hashOf(this.place, item.code);
    setAttribute(this.element, "data-tone", look.tone);
    setText(this.#name, item.name);
    setAttribute(this.#name, "title", item.name);
    this.#state.show(look, word, spanText(instant(item.since), now, this.words));
  }
}

class FaceCard extends Card {
  #number;
  #bound;

  constructor(words) {
    const number = make("span", "number");
    const bound = make("span", "bound");
    super(words, "face", make("p", "figure", number, bound));
    this.#number = number;
    this.#bound = bound;
  }

  update(face, now) {
    const isBlind = face.state === "unknown" || face.headcount === null;
    setText(this.#number, isBlind ? this.words.spans.none : face.headcount);
    setText(this.#bound, face.state === "not_judged" && face.reason !== "handover" ? "" : ` / ${face.limit}`);
    this.show(face, faceWord(face, this.words), now);
  }
}

class ChamberCard extends Card {
  #facts = make("p", "note");

  constructor(words) {
    const facts = make("p", "note");
    super(words, "chamber", facts);
    this.#facts = facts;
  }

  update(chamber, now) {
    const { spans, people, controlModes, visited } = this.words;
    const visit = instant(chamber.visit_at);
    const parts = [
      chamber.occupancy === null ? spans.none : people(chamber.occupancy),
      controlModes[chamber.control_mode] ?? spans.none,
      visit === null ? "" : visited(spanText(visit, now, this.words)),
    ];
    setText(this.#facts, parts.filter(Boolean).join(" · "));
    this.show(chamber, this.words.chamberStates[chamber.state] ?? chamber.state, now);
  }
}

/** What a face is, in a word. */
export function faceWord(face, words) {
  return (
    (face.state === "not_judged" && words.notJudged[face.reason]) ||
    (words.faceStates[face.state] ?? face.state)
  );
}
