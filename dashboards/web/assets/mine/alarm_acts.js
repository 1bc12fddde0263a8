// What a person may do about an alarm. Who does it is whoever is signed in; what they may not do is not offered.

import { ask } from "../common/centre.js";
import { make } from "../common/element.js";
import { isWaiting } from "../common/alarm_looks.js";
import { fromStampText, stampText } from "../common/time.js";
import { askFirst, choiceField, instantField, textField } from "./dialog.js";

const NOTE_MAX = 500;
const HOUR = 3_600_000;
const SHELF_MINUTES = [15, 30, 60, 120, 240, 480, 1440, 2880, 10_080];

export class AlarmActs {
  #words;
  #api;
  #may;
  #done;
  shelfMaxMin = 480;

  /** `done(word)` is called after an act. */
  constructor(words, api, session, done) {
    this.#words = words;
    this.#api = `${api}/alarms`;
    this.#may = new Set(session?.may ?? []);
    this.#done = done;
  }

  get mayMaintain() {
    return this.#may.has("maintain");
  }

  /** The buttons for one alarm. */
  buttons(alarm) {
    const { acts } = this.#words;
    const found = [];
    const add = (word, act) => found.push(button(word, alarm, this.#words, act));
    if (this.#may.has("acknowledge")) {
      if (isWaiting(alarm)) add(acts.ack, () => this.#acknowledge(alarm));
      if (alarm.shelved) add(acts.unshelve, () => this.#post(`/${alarm.id}/unshelve`, {}, acts.unshelve));
      else if (!alarm.out_of_service) add(acts.shelve, () => this.#shelve(alarm));
    }
    if (this.#may.has("maintain")) {
      if (alarm.out_of_service)
        add(acts.inService, () => this.#post(`/${alarm.id}/in-service`, {}, acts.inService));
      else add(acts.outOfService, () => this.#because(alarm, acts.outOfService, "out-of-service"));
    }
    return make("span", "acts", ...found);
  }

  /** Ask for a maintenance window from now on. */
  declare(areas, now) {
    const { acts, maintenance, from, to } = this.#words;
    const choices = [["", maintenance.wholeMine], ...areas];
    askFirst(this.#words, {
      title: acts.declare,
      button: acts.declare,
      fields: [
        { name: "area", label: maintenance.area, control: choiceField(choices) },
        { name: "from", label: from, control: instantField(stampText(now).replace(" ", "T")) },
        { name: "to", label: to, control: instantField(stampText(now + 2 * HOUR).replace(" ", "T")) },
        { name: "why", label: this.#words.why, control: textField(NOTE_MAX) },
      ],
      act: ({ area, from: begin, to: end, why }) =>
        this.#post("/maintenance", { area, from: iso(begin), to: iso(end), why }, acts.declare),
    });
  }

  #acknowledge(alarm) {
    const { acts, note } = this.#words;
    const fields = [{ name: "note", label: note, control: textField(NOTE_MAX, false) }];
    const act = (body) => this.#post(`/${alarm.id}/ack`, body, acts.ack);
    askFirst(this.#words, { title: this.#title(acts.ack, alarm), button: acts.ack, fields, act });
  }

  #shelve(alarm) {
    const { acts, why, howLong, spanOfMinutes } = this.#words;
    const lengths = SHELF_MINUTES.filter((minutes) => minutes <= this.shelfMaxMin);
    const fields = [
      {
        name: "minutes",
        label: howLong,
        control: choiceField(
          lengths.map((minutes) => [String(minutes), spanOfMinutes(minutes)]),
          "60",
        ),
      },
      { name: "why", label: why, control: textField(NOTE_MAX) },
    ];
    const act = ({ minutes, why: text }) =>
      this.#post(`/${alarm.id}/shelve`, { minutes: Number(minutes), why: text }, acts.shelve);
    askFirst(this.#words, { title: this.#title(acts.shelve, alarm), button: acts.shelve, fields, act });
  }

  #because(alarm, word, path) {
    const fields = [{ name: "why", label: this.#words.why, control: textField(NOTE_MAX) }];
    const act = (body) => this.#post(`/${alarm.id}/${path}`, body, word);
    askFirst(this.#words, { title: this.#title(word, alarm), button: word, fields, act });
  }

  #title(word, alarm) {
    return `${word}: ${alarm.area_name} ${this.#words.tag === "en" ? alarm.en : alarm.zh}`;
  }

  async #post(path, body, word) {
    const answer = await ask(this.#api + path, { method: "POST", body });
    this.#done(word, answer);
    return answer;
  }
}

function button(word, alarm, words, act) {
  const node = make("button", "", word);
  node.type = "button";
  node.setAttribute("aria-label", `${word}: ${alarm.area_name} ${words.tag === "en" ? alarm.en : alarm.zh}`);
  node.addEventListener("click", act);
  return node;
}

const iso = (text) => new Date(fromStampText(text)).toISOString();
