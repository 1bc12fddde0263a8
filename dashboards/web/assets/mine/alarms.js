// The alarms of a mine: what is open and what one may do about it, what cannot be judged, maintenance, history.

import { isWaiting, lookOfAlarm } from "../common/alarm_looks.js";
import { make } from "../common/element.js";
import { Outcome, Panel, faultOf } from "../common/panel.js";
import { Period } from "../common/period.js";
import { Table } from "../common/table.js";
import { instant, spanText, stampText } from "../common/time.js";
import { AlarmActs } from "./alarm_acts.js";
import { stateLine } from "./state.js";

const DAY = 86_400_000;
const AGAIN_MS = 10_000;
const ROWS_MAX = 500;

export class AlarmsPage {
  #words;
  #api;
  #acts;
  #outcome = new Outcome();
  #panels;
  #tables;
  #period;
  #span = { length: DAY };
  #now = null;
  #told = null;
  #areas = [];
  #askedAt = -Infinity;
  #hasHistory = false;

  constructor(words, { api, session }) {
    this.#words = words;
    this.#api = `${api}/alarms`;
    this.#acts = new AlarmActs(words, api, session, (word, answer) => this.#done(word, answer));
    const presets = [1, 7, 30].map((days) => ({ word: words.days(days), ms: days * DAY }));
    this.#period = new Period(words, { presets, daysMax: 366, onChange: (span) => this.#look(span) });
    this.#tables = {
      open: openTable(words, this.#acts, () => this.#now),
      unjudged: unjudgedTable(words),
      maintenance: maintenanceTable(words, (code) => this.#nameOf(code)),
      history: historyTable(words),
    };
    const csv = this.#tables.history.csvButton(() => "alarms");
    this.#panels = {
      open: new Panel(words, words.parts.open),
      unjudged: new Panel(words, words.parts.unjudged),
      maintenance: new Panel(
        words,
        words.parts.maintenance,
        this.#acts.mayMaintain ? [this.#declareButton()] : [],
      ),
      history: new Panel(words, words.parts.history, [this.#period.element, csv]),
    };
    const panels = Object.values(this.#panels).map((panel) => panel.element);
    this.element = make(
      "div",
      "place",
      make("div", "title", make("h1", "", words.placeNames.alarms), this.#outcome.element),
      ...panels,
    );
  }

  show() {
    this.#askedAt = -Infinity;
    this.#hasHistory = false;
  }

  live({ state, now }) {
    this.#now = now;
    this.#areas = [...state.faces, ...state.chambers].map(({ code, name }) => [code, name]);
    const isDue = state.alarms !== this.#told || performance.now() - this.#askedAt > AGAIN_MS;
    if (isDue && document.visibilityState === "visible") this.#ask(state.alarms);
    if (!this.#hasHistory) this.#askHistory();
  }

  #ask(told = this.#told) {
    this.#told = told;
    this.#askedAt = performance.now();
    this.#panels.open.ask(this.#api, (data) => {
      this.#acts.shelfMaxMin = data.shelf_max_min;
      this.#show("unjudged", data.unjudged, this.#words.empty.allJudged);
      this.#show("maintenance", data.maintenance, this.#words.empty.noMaintenance);
      if (!data.alarms.length) return this.#words.empty.noAlarms;
      this.#tables.open.show(data.alarms);
      return [this.#tables.open.element];
    });
  }

  #show(key, rows, empty) {
    this.#tables[key].show(rows);
    if (rows.length) this.#panels[key].show(this.#tables[key].element);
    else this.#panels[key].say(empty);
  }

  #look(span) {
    this.#span = span;
    this.#askHistory();
  }

  #askHistory() {
    this.#hasHistory = true;
    const { length = null } = this.#span;
    const to = length === null ? this.#span.to : this.#now;
    const from = length === null ? this.#span.from : to - length;
    this.#period.set(from, to, length);
    const until = length === null ? `&to=${new Date(to).toISOString()}` : "";
    this.#panels.history.ask(`${this.#api}/history?from=${new Date(from).toISOString()}${until}`, (rows) => {
      if (!rows.length) return this.#words.empty.noHistory;
      this.#tables.history.show(rows);
      const more =
        rows.length > ROWS_MAX ? [make("p", "note", this.#words.moreRows(rows.length - ROWS_MAX))] : [];
      return [this.#tables.history.element, ...more];
    });
  }

  #done(word, answer) {
    if (answer.ok) this.#outcome.say(this.#words.done(word));
    else this.#outcome.say(faultOf(answer, this.#words).join(" "), true);
    this.#ask();
    this.#askHistory();
  }

  #declareButton() {
    const button = make("button", "", this.#words.acts.declare);
    button.type = "button";
    button.addEventListener("click", () => this.#acts.declare(this.#areas, this.#now));
    return button;
  }

  #nameOf(code) {
    return this.#areas.find(([each]) => each === code)?.[1] ?? code;
  }
}

const told = (alarm, words) => (words.tag === "en" ? alarm.en : alarm.zh);

function shownValue({ value, limit, unit }, words) {
  if (value === null) return null;
  const named =
    words.chamberStates[value] ?? words.faceStates[value] ?? words.readings[value] ?? words.truth[value] ?? value;
  const shown = typeof value === "number" ? Number(value.toPrecision(4)) : named;
  return `${shown} ${unit ?? ""}`.trim() + (limit === null ? "" : ` / ${limit}`);
}

function whatColumns(words) {
  return [
    { key: "what", title: words.whatHead, show: (alarm) => told(alarm, words) },
    { key: "area", title: words.areaHead, show: (alarm) => alarm.area_name || alarm.area || alarm.source },
    {
      key: "value",
      title: words.valueHead,
      number: true,
      show: (alarm) => shownValue(alarm, words),
    },
  ];
}

function openTable(words, acts, nowOf) {
  return new Table(
    words,
    [
      {
        key: "priority",
        title: words.priorityHead,
        show: (alarm) => stateLine(lookOfAlarm(alarm), words.priorities[alarm.priority] ?? alarm.priority),
        value: ({ priority }) => ["low", "medium", "high", "critical"].indexOf(priority),
      },
      ...whatColumns(words),
      {
        key: "since",
        title: words.sinceHead,
        show: ({ since }) => stampText(instant(since)).slice(5),
        value: ({ since }) => stampText(instant(since)),
      },
      {
        key: "lasted",
        title: words.lasted,
        number: true,
        show: ({ since }) => spanText(instant(since), nowOf(), words),
        value: ({ since }) => nowOf() - instant(since),
      },
      { key: "state", title: words.stateHead, show: (alarm) => stateOf(alarm, words) },
      { key: "acts", title: words.actsHead, sort: false, csv: false, show: (alarm) => acts.buttons(alarm) },
    ],
    {
      caption: words.parts.open,
      key: ({ id }) => id,
      tone: (alarm) => (isWaiting(alarm) ? lookOfAlarm(alarm).tone : null),
    },
  );
}

/** What was done about it, by whom, and what else one must know of it. */
function stateOf(alarm, words) {
  const { state, acknowledged, shelved, out_of_service: out, doubt, chatters, count, under } = alarm;
  const hold = shelved ?? out;
  const parts = [
    words.alarmStates[state] ?? state,
    state === "acknowledged" && acknowledged
      ? words.byAt(acknowledged.who, stampText(instant(acknowledged.at)).slice(5), acknowledged.note)
      : "",
    hold
      ? words.heldBy(hold.who, hold.why, hold.until === null ? null : stampText(instant(hold.until)).slice(5))
      : "",
    alarm.suppressed ? words.suppressedBy(alarm.suppressed) : "",
    doubt ? words.inDoubt : "",
    chatters ? words.chatters : "",
    count ? words.flood(count) : "",
    under ? words.folded : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

function unjudgedTable(words) {
  return new Table(
    words,
    [
      { key: "area", title: words.areaHead, show: (row) => row.area_name || row.area },
      { key: "metric", title: words.pointHead, show: ({ metric }) => metric },
      {
        key: "value",
        title: words.valueHead,
        number: true,
        show: ({ value }) => (value === null ? null : String(value)),
      },
      { key: "why", title: words.why, show: ({ why }) => words.doubts[why] ?? why },
      { key: "at", title: words.readAtHead, show: ({ at }) => (at === null ? null : stampText(instant(at))) },
    ],
    { caption: words.parts.unjudged },
  );
}

function maintenanceTable(words, nameOf) {
  return new Table(
    words,
    [
      {
        key: "area",
        title: words.areaHead,
        show: ({ area }) => (area === "" ? words.maintenance.wholeMine : nameOf(area)),
      },
      { key: "from", title: words.from, show: ({ from }) => stampText(instant(from)) },
      { key: "to", title: words.to, show: ({ to }) => stampText(instant(to)) },
      { key: "who", title: words.whoHead, show: ({ who }) => who },
      { key: "why", title: words.why, show: ({ why }) => why },
    ],
    { caption: words.parts.maintenance },
  );
}

function historyTable(words) {
  return new Table(
    words,
    [
      { key: "at", title: words.timeHead, show: ({ at }) => stampText(instant(at)) },
      {
        key: "change",
        title: words.changeHead,
        show: ({ change, change_zh: zh }) => (words.tag === "en" ? change.replaceAll("_", " ") : zh),
      },
      {
        key: "priority",
        title: words.priorityHead,
        show: (row) => stateLine(lookOfAlarm(row), words.priorities[row.priority] ?? row.priority),
      },
      ...whatColumns(words),
      { key: "who", title: words.whoHead, show: ({ who }) => who },
      { key: "note", title: words.note, show: ({ note }) => words.notes[note] ?? note },
    ],
    { caption: words.parts.history, rowsMax: ROWS_MAX },
  );
}
