// The links: per gateway whether it is there, how old its last data is, how much arrived, how late.

import { make, setAttribute, setHidden, setText, spoken, tablePart } from "../common/element.js";
import { KeyedList } from "../common/keyed_list.js";
import { Symbol } from "../common/symbols.js";
import { ageText, clockText, instant, timeText } from "../common/time.js";
import { percent } from "../common/values.js";

const BLIND_AFTER_MS = 10 * 60_000;

/** A gateway that is there but has had nothing to say for so long is as blind as one that is not. */
export function isBlind({ online, last_data_at: lastDataAt }, now) {
  const dataAt = instant(lastDataAt);
  return !online || dataAt === null || now - dataAt > BLIND_AFTER_MS;
}

export class Links {
  #list;

  constructor(words) {
    const { age, delivered, latency } = words.linkHeads;
    const heads = [words.links, age, delivered, latency].map((head) => tablePart("th", "columnheader", "", head));
    for (const head of heads) head.scope = "col";
    const body = tablePart("tbody", "rowgroup");
    const head = tablePart("thead", "rowgroup", "", tablePart("tr", "row", "", ...heads));
    this.table = tablePart("table", "table", "", head, body);
    this.element = make("section", "links", make("h2", "spoken", words.links), this.table);
    this.element.setAttribute("aria-label", words.links);
    this.#list = new KeyedList(body, () => new Link(words));
  }

  /** Show these links. */
  update(links, now) {
    setHidden(this.table, links.length === 0);
    this.#list.update(
      links.map((link) => [link.gateway, link]),
      now,
    );
  }
}

class Link {
  #words;
  #symbol = new Symbol();
  #spoken = spoken();
  #name = make("span", "gateway");
  #age;
  #delivered;
  #latency;

  constructor(words) {
    this.#words = words;
    const who = make("span", "who", this.#symbol.element, this.#spoken, this.#name);
    const head = tablePart("th", "rowheader", "", who);
    head.scope = "row";
    this.#age = new LabelledCell("age", words.linkHeads.age);
    this.#delivered = new LabelledCell("delivered", words.linkHeads.delivered);
    this.#latency = new LabelledCell("latency", words.linkHeads.latency);
    const cells = [this.#age, this.#delivered, this.#latency].map((cell) => cell.element);
    this.element = tablePart("tr", "row", "", head, ...cells);
  }

  update(link, now) {
    const words = this.#words;
    const dataAt = instant(link.last_data_at);
    const since = instant(link.since);
    const state = link.online ? words.online : words.offline;
    const blind = isBlind(link, now);
    setAttribute(this.element, "data-tone", blind ? "unknown" : null);
    setAttribute(this.element, "data-online", link.online ? "" : null);
    this.#symbol.show(blind ? "question" : "disc");
    setText(this.#spoken, state);
    setText(this.#name, link.gateway);
    setAttribute(this.element, "title", linkTitle(link, state, since, now, words));
    setAttribute(this.#age.element, "title", dataAt === null ? null : words.readAt(clockText(dataAt)));
    this.#age.show(ageText(dataAt, now, words));
    this.#delivered.show(percent(link.delivered) ?? words.spans.none);
    if (link.online) this.#latency.show(latencyText(link.latency_ms, words));
    else this.#latency.showBare(words.offline);
  }
}

function linkTitle(link, state, since, now, words) {
  return [link.gateway, state, since === null ? "" : words.since(timeText(since, now))].filter(Boolean).join(" ");
}

function latencyText(ms, { spans }) {
  if (ms === null) return spans.none;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A cell that carries its own label, for where the table has no room for a head. */
class LabelledCell {
  #label;
  #figure = make("span", "figure");

  constructor(className, label) {
    this.#label = make("span", "label", `${label} `);
    this.element = tablePart("td", "cell", className, this.#label, this.#figure);
  }

  show(figure) {
    setHidden(this.#label, false);
    setText(this.#figure, figure);
  }

  showBare(word) {
    setHidden(this.#label, true);
    setText(this.#figure, word);
  }
}
