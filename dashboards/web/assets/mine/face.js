// A face: what it is now, its shifts of the last days at a glance, one of them in full, and all of them as a table.

import { make, setAttribute, setHidden, setText } from "../common/element.js";
import { placeLink } from "../common/places.js";
import { Panel } from "../common/panel.js";
import { lookOf } from "../common/states.js";
import { Table } from "../common/table.js";
import { instant, spanText, stampText } from "../common/time.js";
import { percent } from "../common/values.js";
import { faceWord } from "./overview.js";
import { PersonsNow } from "./persons_now.js";
import { ShiftDetail } from "./shift_detail.js";
import { ShiftStrip, lookOfShift, shiftWord, withEarly } from "./shift_strip.js";
import { StateLine, stateLine, verdictLine } from "./state.js";
import { Siblings } from "./siblings.js";

const DAYS = 30;
const AGAIN_MS = 30_000;

export class FacePage {
  #words;
  #api;
  #name = make("h1");
  #kind = make("p", "note");
  #number = make("span", "number");
  #bound = make("span", "bound");
  #state = new StateLine();
  #siblings;
  #strip;
  #stripPanel;
  #totals = make("ul", "totals");
  #detail;
  #persons;
  #table;
  #code = null;
  #chosen = null;
  #shifts = null;
  #askedAt = 0;

  constructor(words, { api }) {
    this.#words = words;
    this.#api = api;
    this.#siblings = new Siblings(words, "face");
    this.#strip = new ShiftStrip(words, words.parts.strip);
    this.#stripPanel = new Panel(words, words.parts.strip);
    this.#detail = new ShiftDetail(words, api);
    this.#persons = new PersonsNow(words, api);
    this.#table = recordsTable(words, () => this.#code);
    const records = new Panel(words, words.parts.records, [
      this.#table.csvButton(() => `${this.#code}-shifts`),
    ]);
    records.show(this.#table.element);
    this.element = make(
      "div",
      "place",
      make("div", "title", this.#name, this.#kind, this.#siblings.element),
      make("div", "now", make("p", "figure", this.#number, this.#bound), this.#state.element),
      this.#stripPanel.element,
      this.#detail.element,
      this.#persons.element,
      records.element,
    );
  }

  /** `[face]` or `[face, day, shift]`; false where it was this face already. */
  show([code, on, name]) {
    const isSame = code === this.#code;
    this.#chosen = on === undefined ? null : [on, name];
    if (!isSame) {
      this.#code = code;
      this.#shifts = null;
      setText(this.#name, code);
    }
    this.#ask();
    this.#persons.show(code);
    return !isSame;
  }

  live({ state, now }) {
    this.#siblings.show(state.faces, this.#code);
    const face = state.faces.find((each) => each.code === this.#code);
    setHidden(this.#number.parentElement.parentElement, face === undefined);
    if (face === undefined) return;
    const isBlind = face.state === "unknown" || face.headcount === null;
    const look = lookOf(face.state);
    setText(this.#name, face.name);
    setText(this.#kind, this.#words.faceTold(face));
    setText(this.#number, isBlind ? this.#words.spans.none : face.headcount);
    setText(this.#bound, ` / ${face.limit}`);
    setAttribute(this.element.children[1], "data-tone", look.tone);
    this.#state.show(look, faceWord(face, this.#words), spanText(instant(face.since), now, this.#words));
    if (performance.now() - this.#askedAt > AGAIN_MS && document.visibilityState === "visible") this.#ask();
  }

  #ask() {
    this.#askedAt = performance.now();
    const code = this.#code;
    this.#stripPanel.ask(`${this.#api}/faces/${encodeURIComponent(code)}/shifts?days=${DAYS}`, (data) => {
      this.#shifts = withEarly(data.shifts);
      return this.#draw(code);
    });
  }

  #draw(code) {
    const chosen = this.#chosen ?? this.#newest();
    this.#strip.show(code, this.#shifts, chosen);
    this.#totals.replaceChildren(...totalsOf(this.#shifts, this.#words));
    this.#table.show(this.#shifts.filter(({ early }) => !early).reverse());
    const shown = this.#shifts.find(({ shift }) => shift.on === chosen?.[0] && shift.name === chosen?.[1]);
    if (chosen !== null) this.#detail.show([code, ...chosen], shown?.running || shown?.waiting);
    return [this.#strip.element, this.#totals];
  }

  #newest() {
    const newest = this.#shifts.at(-1)?.shift;
    return newest === undefined ? null : [newest.on, newest.name];
  }
}

function totalsOf(shifts, words) {
  const counts = new Map();
  for (const each of shifts) {
    const word = shiftWord(each, words);
    const { count, look } = counts.get(word) ?? { count: 0, look: lookOfShift(each) };
    counts.set(word, { count: count + 1, look });
  }
  return [...counts]
    .sort(([, a], [, b]) => a.look.rank - b.look.rank)
    .map(([word, { count, look }]) => make("li", "", stateLine(look, word, String(count))));
}

function recordsTable(words, codeOf) {
  const figure = (key, show, unit) => ({
    key,
    title: words.figureNames[key],
    unit,
    number: true,
    show: ({ record }) => (record === null ? null : show(record)),
    value: ({ record }) => record?.[key] ?? null,
  });
  return new Table(
    words,
    [
      {
        key: "shift",
        title: words.shiftHead,
        show: ({ shift }) => placeLink(`${shift.on} ${shift.name}`, "face", codeOf(), shift.on, shift.name),
        value: ({ shift }) => `${shift.on} ${stampText(instant(shift.starts_at)).slice(11)} ${shift.name}`,
      },
      {
        key: "verdict",
        title: words.verdictHead,
        show: (each) =>
          each.record && !each.running
            ? verdictLine(each.record, words)
            : stateLine(lookOfShift(each), shiftWord(each, words)),
      },
      figure("headcount_max", (record) => `${record.headcount_max ?? words.spans.none} / ${record.limit}`),
      figure("over_limit_s", (record) => words.seconds(record.over_limit_s), "s"),
      figure("distinct_persons", (record) => record.distinct_persons ?? words.spans.none),
      figure("statutory_over_s", (record) => words.seconds(record.statutory_over_s), "s"),
      figure("coverage", (record) => percent(record.coverage)),
      figure("revision", (record) => words.revisionTold(record.revision, record.final)),
    ],
    {
      caption: words.parts.records,
      key: ({ shift }) => `${shift.on}/${shift.name}`,
      tone: (each) => (each.running ? null : rowTone(lookOfShift(each).tone)),
    },
  );
}

/** Only what is abnormal tints its row. */
function rowTone(tone) {
  return ["over", "hazard", "unknown"].includes(tone) ? tone : null;
}
