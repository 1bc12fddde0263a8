// The top line: which mine, whose shift, how complete, how many gateways, and the centre's clock.

import { make, setAttribute, setHidden, setText, spoken } from "../common/element.js";
import { Symbol } from "../common/symbols.js";
import { clockText, instant, leftText } from "../common/time.js";
import { percent } from "../common/values.js";

export class Header {
  #words;
  #name = make("h1", "mine");
  #demo = make("p", "demo");
  #facts = make("div", "facts");
  #shift;
  #completeness;
  #gateways;
  #clock = make("time", "clock");
  #turning = new Symbol();
  #pages = make("span");
  #turn = make("button", "turn", this.#pages, this.#turning.element);
  #bell = new Symbol();
  #soundWord = make("span");
  #sound = make("button", "sound", this.#bell.element, this.#soundWord);

  /** `onTurn()` when someone pauses or resumes the turning of pages, `onSound()` when someone presses the bell. */
  constructor(words, outage, otherLanguage, onTurn, onSound) {
    this.#words = words;
    this.#shift = new Fact(this.#facts);
    this.#completeness = new Fact(this.#facts);
    this.#gateways = new Fact(this.#facts);
    setHidden(this.#facts, true);
    setHidden(this.#demo, true);
    this.#turn.type = "button";
    this.#turn.hidden = true;
    this.#turn.addEventListener("click", onTurn);
    this.#sound.append(spoken(words.sound.label));
    this.#sound.type = "button";
    this.#sound.addEventListener("click", onSound);
    const language = make("a", "language", words.other.name);
    language.href = otherLanguage;
    language.lang = language.hreflang = words.other.code;
    language.title = words.other.title;
    this.element = make(
      "header",
      "top",
      this.#name,
      this.#demo,
      this.#facts,
      outage,
      make("div", "controls", this.#turn, this.#sound, language),
      make("p", "now", spoken(words.clock), this.#clock),
    );
  }

  update(state, now) {
    const words = this.#words;
    setText(this.#name, state.mine.name);
    setAttribute(this.#name, "title", state.mine.name);
    setHidden(this.#demo, !state.demo);
    setText(this.#demo, words.demo(state.speed));
    setHidden(this.#facts, false);
    this.#showShift(state.shift, now);
    this.#completeness.show(words.completeness, percent(state.delivered) ?? words.spans.none);
    const links = [...state.links.values()];
    const online = links.filter((link) => link.online).length;
    const short = online < links.length || links.length === 0;
    this.#gateways.show(words.gatewaysOnline, `${online}/${links.length}`, short ? "unknown" : "");
  }

  showTime(now) {
    setText(this.#clock, now === null ? "--:--:--" : clockText(now));
  }

  showTurn({ page, pages, paused }) {
    setHidden(this.#turn, pages < 2);
    setText(this.#pages, `${page + 1}/${pages}`);
    this.#turning.show(paused ? "play" : "pause");
    const does = paused ? this.#words.turn.resume : this.#words.turn.pause;
    setAttribute(this.#turn, "aria-label", `${page + 1}/${pages} ${does}`);
    setAttribute(this.#turn, "title", does);
  }

  /** `state` as `Sound` gives it; whether it sounds stands there for all to see. */
  showSound(state) {
    this.#bell.show(state === "on" ? "bell" : "bell_off");
    setText(this.#soundWord, state === "on" ? "" : this.#words.sound[state]);
    setAttribute(this.#sound, "data-tone", state === "on" ? null : "unknown");
    setAttribute(this.#sound, "aria-pressed", state === "on");
    setAttribute(this.#sound, "title", this.#words.sound.titles[state]);
  }

  #showShift(shift, now) {
    if (shift === null) return this.#shift.show(this.#words.noShift, "");
    const [before, time, after] = this.#words.left(leftText(instant(shift.ends_at), now));
    return this.#shift.show(shift.name, this.#words.shiftKinds[shift.kind], "", [before, time, after]);
  }
}

/** A label, a figure, and perhaps a second pair: `八点班 生产 · 剩 2:14`. */
class Fact {
  #label = make("span", "label");
  #figure = make("span", "figure");
  #symbol = new Symbol();
  #more = make("span", "more");
  #before = make("span", "label");
  #time = make("span", "figure");
  #after = make("span", "label");

  constructor(parent) {
    this.#symbol.show("question");
    this.#more.append(this.#before, this.#time, this.#after);
    this.element = make("p", "fact", this.#label, this.#symbol.element, this.#figure, this.#more);
    parent.append(this.element);
  }

  show(label, figure, tone = "", more = null) {
    setText(this.#label, label);
    setText(this.#figure, figure);
    setAttribute(this.element, "data-tone", tone || null);
    setHidden(this.#more, more === null);
    const [before, time, after] = more ?? ["", "", ""];
    setText(this.#before, before);
    setText(this.#time, time);
    setText(this.#after, after);
  }
}
