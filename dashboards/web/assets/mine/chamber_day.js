// One day of a chamber: each stretch with its state and what stood in the way of being unattended, and who came.

import { Panel } from "../common/panel.js";
import { lookOf } from "../common/states.js";
import { Table } from "../common/table.js";
import { clockText, instant, stampText } from "../common/time.js";
import { Part } from "./part.js";
import { stateLine } from "./state.js";

export class ChamberDay {
  #words;
  #api;
  #panel;
  #passages;
  #visits;

  constructor(words, api) {
    this.#words = words;
    this.#api = api;
    this.#panel = new Panel(words, words.parts.chamberDay);
    this.#passages = new Part(words.parts.passages, passagesTable(words));
    this.#visits = new Part(words.parts.visits, visitsTable(words));
    this.element = this.#panel.element;
  }

  /** Show a day of a chamber; null is nothing yet. */
  show(code, on) {
    if (on === null) return;
    this.#panel.heading.textContent = `${on} ${this.#words.parts.chamberDay}`;
    this.#panel.ask(
      `${this.#api}/chambers/${encodeURIComponent(code)}/days/${encodeURIComponent(on)}`,
      (data) => this.#draw(data),
    );
  }

  #draw({ passages, visits }) {
    if (!passages.length) return this.#words.empty.noRowsOfChamber;
    this.#passages.show(passages, this.#words.empty.noRowsOfChamber);
    this.#visits.show(visits, this.#words.empty.noVisits);
    return [this.#passages.element, this.#visits.element];
  }
}

const seconds = ({ from, to }) => (instant(to) - instant(from)) / 1000;

function fromTo(words) {
  const at = (key) => ({
    key,
    title: words[key],
    show: (row) => clockText(instant(row[key])),
    value: (row) => `${stampText(instant(row[key]))}${clockText(instant(row[key])).slice(5)}`,
  });
  const lasted = {
    key: "lasted",
    title: words.lasted,
    number: true,
    show: (row) => words.seconds(seconds(row)),
    value: seconds,
  };
  return [at("from"), at("to"), lasted];
}

function passagesTable(words) {
  return new Table(
    words,
    [
      ...fromTo(words),
      {
        key: "state",
        title: words.stateHead,
        show: ({ state }) => stateLine(lookOf(state), words.chamberStates[state] ?? state),
      },
      {
        key: "obstacles",
        title: words.obstaclesHead,
        show: ({ obstacles }) =>
          words.list(obstacles.map((obstacle) => words.obstacles[obstacle] ?? obstacle)) || words.nothing,
      },
    ],
    { caption: words.parts.passages },
  );
}

function visitsTable(words) {
  return new Table(
    words,
    [...fromTo(words), { key: "kind", title: words.visitHead, show: ({ kind }) => words.visitKinds[kind] }],
    { caption: words.parts.visits },
  );
}
