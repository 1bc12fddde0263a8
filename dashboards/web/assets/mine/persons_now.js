// Who is in a face now, by the pseudonym of the card.

import { setHidden } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { clockText, instant } from "../common/time.js";

const AGAIN_MS = 15_000;

export class PersonsNow {
  #words;
  #api;
  #panel;
  #table;
  #code = null;

  constructor(words, api) {
    this.#words = words;
    this.#api = api;
    this.#panel = new Panel(words, words.parts.personsNow);
    this.#table = tableOf(words);
    this.element = this.#panel.element;
    setInterval(() => this.#again(), AGAIN_MS);
  }

  show(code) {
    this.#code = code;
    this.#ask();
  }

  #again() {
    if (this.element.isConnected && document.visibilityState === "visible") this.#ask();
  }

  #ask() {
    this.#panel.ask(`${this.#api}/faces/${encodeURIComponent(this.#code)}/persons`, ({ cards, persons }) => {
      setHidden(this.element, !cards); // that there are none is said with the shift
      if (!persons.length) return this.#words.empty.nobodyNow;
      this.#table.show(persons);
      return [this.#table.element];
    });
  }
}

function tableOf(words) {
  return new Table(
    words,
    [
      { key: "card", title: words.card, show: ({ card }) => card },
      { key: "post", title: words.post, show: ({ post }) => post || words.spans.none },
      { key: "since", title: words.firstSeen, show: ({ since }) => clockText(instant(since)).slice(0, 5) },
      {
        key: "minutes",
        title: words.dwell,
        number: true,
        show: ({ minutes }) => words.seconds(60 * minutes),
        value: ({ minutes }) => minutes,
      },
      {
        key: "counted",
        title: words.countedHead,
        show: ({ counted, exempt }) => words.counted(counted, exempt),
      },
    ],
    { caption: words.parts.personsNow, key: ({ card }) => card },
  );
}
