// What every place of the province pages works with: the words, who is here, the day, and the centre's answers, each
// asked for once a minute. Everything is as of the end of the day.

import { ask } from "../common/centre.js";
import { make, setHidden } from "../common/element.js";
import { hashOf, placeLink } from "../common/places.js";
import { kept } from "../common/shell.js";
import { REGISTRY } from "./registry.js";

const KEPT_MS = 60_000;
const KEPT_MAX = 100;

export class Desk {
  /** Who is here, as `whoIsHere()` tells. */
  session = null;
  isDemo = false;
  /** Called when an answer says that it rests on demonstration data. */
  onDemo = () => {};
  /** Called with the day that was chosen. */
  onDay = () => {};
  #answers = new Map();

  constructor(words, address) {
    this.words = words;
    this.address = address;
    this.chosen = address.searchParams.get("as_of");
    this.day = this.chosen;
  }

  may(what) {
    return this.session?.may?.includes(what) === true;
  }

  /** Is the person one of the province? Leagues and bulletins cannot be told truthfully of a part. */
  get isProvince() {
    return this.session.person.scope.kind === "province";
  }

  /** The centre's answer, `{ok, status, data}`, on something of the plan as of the day. */
  plan(path) {
    const question = this.chosen === null ? path : `${path}${path.includes("?") ? "&" : "?"}as_of=${this.chosen}`;
    return this.get(`/api/v1/${question}`);
  }

  /** The centre's answer on anything; kept for a minute unless it fails, the oldest ones let go. */
  get(path) {
    const now = performance.now();
    const known = this.#answers.get(path);
    if (known !== undefined && now - known.at < KEPT_MS) return known.asked;
    const asked = ask(path).then((answer) => {
      if (!answer.ok) this.#answers.delete(path);
      this.heard(answer);
      return answer;
    });
    this.#answers.delete(path);
    this.#answers.set(path, { at: now, asked });
    if (this.#answers.size > KEPT_MAX) this.#answers.delete(this.#answers.keys().next().value);
    return asked;
  }

  /** Notice what an answer says of its data. */
  heard({ data }) {
    if (data?.demo !== true || this.isDemo) return;
    this.isDemo = true;
    this.onDemo();
  }

  /** Something was changed: nothing that was heard before holds. */
  forget() {
    this.#answers.clear();
  }

  /** Look at another day; null for the centre's own. */
  choose(day) {
    this.chosen = day;
    this.forget();
    this.onDay(day);
  }

  /** Show in a panel what `draw(...data)` makes of the plan's answers: nodes, or a note `[what, next]`. */
  async fill(panel, paths, draw) {
    if (!panel.body.childElementCount) panel.say(this.words.waiting);
    const answers = await Promise.all(paths.map((path) => (path.startsWith("/") ? this.get(path) : this.plan(path))));
    const failed = answers.findIndex((answer) => !answer.ok);
    if (failed >= 0) {
      this.refuse(panel, paths[failed], answers[failed], () => this.fill(panel, paths, draw));
      return;
    }
    const drawn = draw(...answers.map(({ data }) => data));
    if (Array.isArray(drawn) && typeof drawn[0] === "string") panel.say(drawn);
    else panel.show(...[drawn].flat());
  }

  /** Say in a panel why the centre gave no answer; a centre whose plan is a file has no registry at all. */
  refuse(panel, path, answer, again) {
    if (path === REGISTRY && answer.status === 404) panel.say(this.words.empty.registry);
    else panel.fault(answer, again);
  }

  /** The heading of a place: where it lies, what it is, of which day. `trail` are nodes that lead to it. */
  heading(title, { trail = [], note = "", isDated = true } = {}) {
    const parts = [make("h1", "", title)];
    if (isDated) parts.push(this.#date());
    if (note) parts.push(make("p", "note", note));
    const demo = make("p", "demo-mark", this.words.demo(1));
    setHidden(demo, !this.isDemo);
    parts.push(demo);
    const heading = make("div", "title", ...parts);
    if (!trail.length) return heading;
    const path = make("nav", "trail", ...trail.flatMap((each) => [each, " › "]));
    path.setAttribute("aria-label", this.words.trail);
    return make("div", "heading", path, heading);
  }

  #date() {
    const input = make("input", "no-print");
    input.type = "date";
    input.value = this.day ?? "";
    input.min = "2021-01-01";
    input.addEventListener("change", () => {
      if (input.value === "" || input.validity.valid) this.choose(input.value || null);
    });
    const label = make(
      "label",
      "field",
      make("span", "label", this.words.asOf),
      input,
      make("span", "only-print", this.day ?? ""),
    );
    const box = make("span", "day", label);
    if (this.chosen !== null) {
      const today = make("button", "", this.words.today);
      today.type = "button";
      today.addEventListener("click", () => this.choose(null));
      box.append(today);
    }
    return box;
  }

  /** A plan unit as this language calls it. */
  unit(name) {
    const shown = make("span", "", this.unitText(name));
    if (this.unitText(name) !== name) shown.title = name;
    return shown;
  }

  unitText(name) {
    return this.words.units[name] ?? name;
  }

  /** A link to a place of this page. */
  link(text, ...parts) {
    return placeLink(text, ...parts);
  }

  /** A figure as a link to the list that it counts; where it counts nothing there is none. */
  figure(count, ...parts) {
    return count ? placeLink(String(count), ...parts) : String(count);
  }

  /** Where a mine's own pages are; `parts` are those of a place there. */
  mineAddress(code, ...parts) {
    const page = new URL(kept("/mine", this.address), this.address.origin);
    page.searchParams.set("mine", code);
    return page.pathname + page.search + (parts.length ? hashOf(...parts) : "");
  }

  /** Go to a place of this page. */
  go(...parts) {
    location.hash = hashOf(...parts);
  }
}

/** A button that does something. */
export function button(text, act, className = "") {
  const node = make("button", className, text);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
}

/** Choices of which one holds: buttons `[[value, word], …]`; `onChoose(value)`. */
export function choices(label, options, chosen, onChoose) {
  const box = make("div", "choices");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", label);
  const buttons = options.map(([value, word]) => {
    const each = button(word, () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === each));
      onChoose(value);
    });
    each.setAttribute("aria-pressed", String(value === chosen));
    return each;
  });
  box.append(...buttons);
  return box;
}

/** A list of facts, `[[name, value], …]`; a value is text, a node, or null where it is unknown. */
export function facts(pairs, words) {
  const rows = pairs.map(([name, value]) =>
    make("div", "", make("dt", "", name), make("dd", "", value ?? words.unknown)),
  );
  return make("dl", "facts", ...rows);
}
