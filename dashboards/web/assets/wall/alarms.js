// The open alarms, the most urgent first: what, where, since when, and whether anybody has seen it. Who may acknowledge
// does it here, by mouse or keyboard; what the centre then says is shown, here and on every other screen.

import { PRIORITIES, isWaiting, lookOfAlarm, lookOfPriority } from "../common/alarm_looks.js";
import { make, setAttribute, setHidden, setText, spoken } from "../common/element.js";
import { KeyedList } from "../common/keyed_list.js";
import { Symbol } from "../common/symbols.js";
import { instant, spanText, timeText } from "../common/time.js";
import { HeldOrder } from "./held_order.js";

const FAILURE_MS = 8000;

export class Alarms {
  #words;
  #list;
  #counts;
  #order = new HeldOrder();
  #title;
  #waiting = make("span", "waiting");
  #rest = make("span", "rest");
  #held = make("span", "held");
  #signature = make("span", "signature");

  /** `acknowledge(id)` asks the centre and gives what is wrong, or null. `local()` gives local milliseconds. */
  constructor(words, acknowledge, local) {
    this.#words = words;
    this.#title = make("h2", "", words.alarms);
    const counts = make("ul", "counts");
    const list = make("ul", "alarm-list");
    const notes = make("p", "notes", this.#rest, this.#held);
    const head = make("div", "head", this.#title, this.#waiting, counts, notes, this.#signature);
    this.element = make("section", "alarms", head, list);
    this.element.setAttribute("aria-label", words.alarms);
    this.#counts = new KeyedList(counts, () => new Count(words));
    this.#list = new KeyedList(list, () => new Row(words, acknowledge, local));
    for (const touch of ["pointermove", "keydown", "focusin"]) {
      list.addEventListener(touch, () => this.#order.touch(local()), { passive: true });
    }
  }

  /** Show what the centre says of alarms, `room` of them; `signature` is whose acknowledgements these are, or null. */
  update({ counts, waiting, held, shown }, now, local, room, signature) {
    const { alarmCounts } = this.#words;
    const rows = this.#order.arrange(shown.map((alarm) => [alarm.id, alarm]), local).slice(0, room);
    const all = PRIORITIES.reduce((sum, priority) => sum + (counts[priority] ?? 0), 0);
    const hadFocus = this.element.contains(document.activeElement);
    this.#list.update(rows, now, local, signature);
    if (hadFocus && !this.element.contains(document.activeElement)) this.#focusNext();
    this.#counts.update(PRIORITIES.filter((priority) => counts[priority] > 0).map((priority) => [priority, { priority, count: counts[priority] }]));
    setAttribute(this.element, "data-waiting", waiting > 0 ? "" : null);
    setText(this.#waiting, waiting > 0 ? alarmCounts.waiting(waiting) : "");
    setText(this.#rest, all > rows.length ? alarmCounts.more(all - rows.length) : "");
    setText(this.#held, held > 0 ? alarmCounts.held(held) : "");
    setText(this.#signature, signature === null || waiting === 0 ? "" : alarmCounts.signature(signature));
  }

  /** What was acknowledged has no button any more: go on with the next that has one. */
  #focusNext() {
    this.element.querySelector("button:not([hidden])")?.focus();
  }
}

class Count {
  #words;
  #symbol = new Symbol();
  #word = spoken();
  #count = make("span", "figure");

  constructor(words) {
    this.#words = words;
    this.element = make("li", "", this.#symbol.element, this.#word, this.#count);
  }

  update({ priority, count }) {
    const { shape, tone } = lookOfPriority(priority);
    this.#symbol.show(shape);
    setAttribute(this.element, "data-tone", tone);
    setText(this.#word, this.#words.priorities[priority]);
    setAttribute(this.element, "title", `${this.#words.priorities[priority]} ${count}`);
    setText(this.#count, count);
  }
}

class Row {
  #words;
  #acknowledge;
  #local;
  #alarm = null;
  #failure = null;
  #symbol = new Symbol();
  #priority = make("span", "priority");
  #area = make("span", "area");
  #tag = make("span", "tag");
  #what = make("span", "what");
  #figure = make("span", "figure");
  #since = make("span", "duration");
  #state = make("span", "word");
  #who = make("span", "by");
  #subject = spoken();
  #button = make("button", "acknowledge");

  constructor(words, acknowledge, local) {
    this.#words = words;
    this.#acknowledge = acknowledge;
    this.#local = local;
    this.#button.type = "button";
    this.#button.append(words.acknowledge, this.#subject);
    this.#button.addEventListener("click", () => this.#press());
    const act = make("span", "act", this.#state, this.#who, this.#button);
    const text = make("span", "text", this.#tag, this.#what);
    this.element = make("li", "alarm", this.#symbol.element, this.#priority, this.#area, text, this.#figure, this.#since, act);
  }

  update(alarm, now, local, signature) {
    const words = this.#words;
    const { shape, tone } = lookOfAlarm(alarm);
    const waits = isWaiting(alarm);
    const what = whatOf(alarm, words);
    this.#alarm = alarm;
    setAttribute(this.element, "data-tone", tone);
    setAttribute(this.element, "data-state", alarm.state);
    setAttribute(this.element, "data-waiting", waits ? "" : null);
    this.#symbol.show(shape);
    setText(this.#priority, words.priorities[alarm.priority] ?? alarm.priority);
    setText(this.#area, alarm.area_name || words.wholeMine);
    setText(this.#tag, tagOf(alarm, words));
    setText(this.#what, what);
    setText(this.#figure, figureOf(alarm, words));
    setText(this.#since, spanText(instant(alarm.since), now, words));
    setAttribute(this.element, "title", [alarm.area_name, what, figureOf(alarm, words), words.since(timeText(instant(alarm.since), now))].join(" "));
    this.#showAct(alarm, waits, signature, local);
  }

  #showAct({ acknowledged_by: who, area_name: area }, waits, signature, local) {
    const { alarmCounts, alarmStates } = this.#words;
    const may = signature !== null;
    const failed = this.#failure !== null && local - this.#failure.at < FAILURE_MS;
    setHidden(this.#button, !(waits && may));
    setAttribute(this.#button, "title", may ? alarmCounts.signature(signature) : null);
    setText(this.#subject, ` ${area} ${this.#what.textContent}`);
    setText(this.#state, waits && may ? "" : alarmStates[waits ? "waiting" : "acknowledged"]);
    setText(this.#who, failed ? this.#failure.why : waits ? "" : (who ?? ""));
    setAttribute(this.#who, "title", this.#who.textContent);
    setAttribute(this.#who, "role", failed ? "alert" : null);
    setAttribute(this.#who, "data-tone", failed ? "unknown" : null);
  }

  async #press() {
    if (this.#button.getAttribute("aria-disabled") === "true") return;
    setAttribute(this.#button, "aria-disabled", "true");
    const why = await this.#acknowledge(this.#alarm.id);
    this.#failure = why === null ? null : { why, at: this.#local() };
    setAttribute(this.#button, "aria-disabled", null);
  }
}

/** What is wrong; of a flood, how many it stands for. */
function whatOf(alarm, words) {
  const what = alarm[words.tag === "en" ? "en" : "zh"];
  return alarm.count === undefined ? what : `${what} ×${alarm.count}`;
}

function tagOf({ state, doubt }, { alarmStates }) {
  if (state === "returned") return alarmStates.returned;
  return doubt === null ? "" : alarmStates.doubt;
}

/** `11/9 人`: the value against its limit. */
function figureOf({ value, limit, unit }, words) {
  if (typeof value !== "number") return "";
  return `${value}${limit === null ? "" : `/${limit}`} ${words.alarmUnits[unit] ?? unit}`.trim();
}
