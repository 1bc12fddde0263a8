// Changes of state, said politely to screen readers; never the figures in between.

import { isWaiting } from "../common/alarm_looks.js";
import { make } from "../common/element.js";
import { faceWords } from "./faces.js";

export class Announcer {
  #words;
  #last = null;

  constructor(words) {
    this.#words = words;
    this.element = make("p", "spoken");
    this.element.setAttribute("aria-live", "polite");
  }

  /** Compare with the last call and say what differs; the first call says nothing. */
  update(state) {
    const next = new Map(this.#sentences(state));
    const last = this.#last;
    this.#last = next;
    if (last === null) return;
    const isNews = ([key, { state: now, isNew }]) => (last.has(key) ? last.get(key).state !== now : isNew);
    const news = [...next].filter(isNews);
    if (news.length > 0) this.element.textContent = news.map(([, { say }]) => say()).filter(Boolean).join("; ");
  }

  *#sentences(state) {
    const { changed, chamberStates, online, offline, links, priorities, alarms, tag } = this.#words;
    for (const alarm of state.alarms?.shown ?? []) {
      const what = tag === "en" ? alarm.en : alarm.zh;
      const say = () => changed(`${alarms} ${priorities[alarm.priority] ?? ""}`, alarm.area_name, what);
      const isLoud = isWaiting(alarm);
      yield [`alarm ${alarm.id}`, { state: isLoud ? alarm.priority : "", isNew: isLoud, say: isLoud ? say : () => "" }];
    }
    for (const face of state.faces.values()) {
      const figure = face.headcount === null ? "" : `${face.headcount}/${face.limit}`;
      const say = () => changed(face.name, faceWords(face, this.#words).word, figure);
      yield [`face ${face.code}`, { state: `${face.state} ${face.reason}`, say }];
    }
    for (const chamber of state.chambers.values()) {
      const say = () => changed(chamber.name, chamberStates[chamber.state] ?? chamber.state);
      yield [`chamber ${chamber.code}`, { state: chamber.state, say }];
    }
    for (const link of state.links.values()) {
      const say = () => changed(`${links} ${link.gateway}`, link.online ? online : offline);
      yield [`link ${link.gateway}`, { state: link.online, say }];
    }
  }
}
