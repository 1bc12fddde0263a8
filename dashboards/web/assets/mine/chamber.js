// A chamber: what it is, what it was day by day beside what is declared, its states and patrols on one line a day, and
// what stood in the way on any one day.

import { make, setAttribute, setText } from "../common/element.js";
import { hashOf, placeLink } from "../common/places.js";
import { Panel } from "../common/panel.js";
import { Period } from "../common/period.js";
import { lookOf } from "../common/states.js";
import { Table } from "../common/table.js";
import { dayText, fromDayText, instant, spanText } from "../common/time.js";
import { ChamberDay } from "./chamber_day.js";
import { Siblings } from "./siblings.js";
import { StateLine } from "./state.js";
import { Timeline } from "./timeline.js";
import { levelPanel } from "./level.js";

const DAY = 86_400_000;
const DAYS = 7;
const DAYS_MAX = 31;
const AGAIN_MS = 60_000;

export class ChamberPage {
  #words;
  #api;
  #name = make("h1");
  #kind = make("p", "note");
  #facts = make("p", "note");
  #state = new StateLine();
  #siblings;
  #level;
  #timeline;
  #timelinePanel;
  #period;
  #span = { length: DAYS * DAY };
  #day;
  #table;
  #records;
  #code = null;
  #on = null;
  #now = null;
  #askedAt = null;

  constructor(words, { api }) {
    this.#words = words;
    this.#api = api;
    this.#siblings = new Siblings(words, "chamber");
    this.#level = new Panel(words, words.parts.level);
    this.#timeline = new Timeline(words, (on) => hashOf("chamber", this.#code, on));
    const presets = [1, 3, 7, 30].map((days) => ({ word: words.days(days), ms: days * DAY }));
    this.#period = new Period(words, {
      presets,
      byDay: true,
      daysMax: DAYS_MAX,
      onChange: (span) => this.#look(span),
    });
    this.#timelinePanel = new Panel(words, words.parts.timeline, [this.#period.element]);
    this.#day = new ChamberDay(words, api);
    this.#table = daysTable(words, () => this.#code);
    this.#records = new Panel(words, words.parts.days, [this.#table.csvButton(() => `${this.#code}-days`)]);
    this.element = make(
      "div",
      "place",
      make("div", "title", this.#name, this.#kind, this.#siblings.element),
      make("div", "now", this.#state.element, this.#facts),
      this.#level.element,
      this.#timelinePanel.element,
      this.#day.element,
      this.#records.element,
    );
  }

  /** `[chamber]` or `[chamber, day]`; false where it was this chamber already. */
  show([code, on]) {
    const isSame = code === this.#code;
    this.#code = code;
    this.#on = on ?? null;
    if (!isSame) {
      setText(this.#name, code);
      this.#askedAt = null;
    }
    this.#day.show(code, this.#on);
    return !isSame;
  }

  live({ state, now }) {
    this.#now = now;
    this.#siblings.show(state.chambers, this.#code);
    const chamber = state.chambers.find((each) => each.code === this.#code);
    if (chamber !== undefined) this.#showNow(chamber, now);
    const isDue = this.#askedAt === null || performance.now() - this.#askedAt > AGAIN_MS;
    if (isDue && document.visibilityState === "visible") this.#ask();
  }

  #showNow(chamber, now) {
    const { chamberStates, chamberKinds, controlModes, people, spans, visited } = this.#words;
    const look = lookOf(chamber.state);
    setText(this.#name, chamber.name);
    setText(this.#kind, chamberKinds[chamber.kind] ?? chamber.kind);
    setAttribute(this.element.children[1], "data-tone", look.tone);
    this.#state.show(
      look,
      chamberStates[chamber.state] ?? chamber.state,
      spanText(instant(chamber.since), now, this.#words),
    );
    const visit = instant(chamber.visit_at);
    const told = [
      chamber.occupancy === null ? spans.none : people(chamber.occupancy),
      controlModes[chamber.control_mode] ?? spans.none,
      visit === null ? "" : visited(spanText(visit, now, this.#words)),
    ];
    setText(this.#facts, told.filter(Boolean).join(" · "));
  }

  #look(span) {
    this.#span = span;
    this.#askTimeline();
  }

  #ask() {
    this.#askedAt = performance.now();
    const path = `${this.#api}/chambers/${encodeURIComponent(this.#code)}`;
    this.#level.ask(path, (data) => {
      this.#showDays(data);
      return levelPanel(data, this.#words);
    });
    this.#askTimeline();
    if (this.#on === null) this.#day.show(this.#code, dayText(this.#now));
  }

  #showDays(data) {
    const days = [...(data.today ? [{ ...data.today, revision: null }] : []), ...[...data.days].reverse()];
    this.#table.show(days);
    if (days.length) this.#records.show(this.#table.element);
    else this.#records.say(this.#words.empty.noDays);
  }

  #askTimeline() {
    const today = fromDayText(dayText(this.#now));
    const { length = null } = this.#span;
    const to = length === null ? this.#span.to : today + DAY;
    const from = length === null ? this.#span.from : to - length;
    this.#period.set(from, to, length);
    const path = `${this.#api}/chambers/${encodeURIComponent(this.#code)}/timeline`;
    this.#timelinePanel.ask(
      `${path}?first=${dayText(from)}&days=${Math.round((to - from) / DAY)}`,
      (data) => {
        if (!data.states.length) return this.#words.empty.noRowsOfChamber;
        this.#timeline.show(data);
        return [this.#timeline.element];
      },
    );
  }
}

function daysTable(words, codeOf) {
  const hours = (key, of) => ({
    key,
    title: words.chamberStates[key] ?? words.dayFigures[key],
    unit: "s",
    number: true,
    show: (day) => words.hoursShort(of(day)),
    value: (day) => of(day),
  });
  const states = [
    "unattended",
    "patrol",
    "central_control",
    "attended",
    "unprotected",
    "local_control",
    "unknown",
  ];
  return new Table(
    words,
    [
      {
        key: "day",
        title: words.dayHead,
        show: ({ day }) => placeLink(day, "chamber", codeOf(), day),
        value: ({ day }) => day,
      },
      ...states.map((state) => ({
        ...hours(state, ({ seconds }) => seconds[state]),
        tone: ({ seconds }) => (seconds[state] > 0 ? badTone(state) : null),
      })),
      {
        key: "patrols",
        title: words.dayFigures.patrols,
        number: true,
        show: ({ patrols }) => patrols,
        value: ({ patrols }) => patrols,
      },
      hours("longest_visit_gap", ({ longest_visit_gap_s: gap }) => gap),
      hours("longest_presence", ({ longest_presence_s: longest }) => longest),
      {
        key: "revision",
        title: words.figureNames.revision,
        number: true,
        show: ({ revision }) => revision ?? words.runningDay,
        value: ({ revision }) => revision,
      },
    ],
    { caption: words.parts.days, key: ({ day }) => day },
  );
}

/** The tone of a state that a chamber should not be in. */
function badTone(state) {
  const { tone } = lookOf(state);
  return tone === "over" || tone === "unknown" ? tone : null;
}
