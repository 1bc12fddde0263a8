// The shifts of the last days at a glance: a column a day, a row a shift, a symbol in its tone for each verdict.
// One stop for the keyboard; the arrow keys move within it.

import { make } from "../common/element.js";
import { hashOf } from "../common/places.js";
import { lookOf } from "../common/states.js";
import { Symbol } from "../common/symbols.js";
import { lookOfRecord } from "./state.js";

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export class ShiftStrip {
  #words;
  #body = make("tbody");
  #head = make("tr");
  #grid = [];

  constructor(words, caption) {
    this.#words = words;
    const table = make(
      "table",
      "strip",
      make("caption", "spoken", caption),
      make("thead", "", this.#head),
      this.#body,
    );
    this.element = make("div", "wide", table);
    this.element.addEventListener("keydown", (event) => this.#step(event));
  }

  /** Show `shifts` of a face as the API gives them; `chosen` is `[on, name]`. */
  show(face, shifts, chosen) {
    const days = [...new Set(shifts.map(({ shift }) => shift.on))];
    const names = [...new Set(shifts.map(({ shift }) => shift.name))];
    const by = new Map(shifts.map((each) => [`${each.shift.on}/${each.shift.name}`, each]));
    const isChosen = ({ shift }) => shift.on === chosen?.[0] && shift.name === chosen?.[1];
    const held = document.activeElement?.dataset.shift;
    this.#head.replaceChildren(
      make("td"),
      ...days.map((on, index) =>
        dayHead(on, on.endsWith("-01") || (index === 0 && !days[1]?.endsWith("-01"))),
      ),
    );
    this.#grid = names.map((name) =>
      days.map((on) => by.get(`${on}/${name}`)).map((each) => each && this.#link(face, each, isChosen(each))),
    );
    this.#body.replaceChildren(
      ...names.map((name, row) => {
        const head = make("th", "", name);
        head.scope = "row";
        return make(
          "tr",
          "",
          head,
          ...this.#grid[row].map((link) => (link ? make("td", "", link) : make("td"))),
        );
      }),
    );
    const links = this.#grid.flat().filter(Boolean);
    const first = links.find((link) => link.getAttribute("aria-current")) ?? links.at(-1);
    if (first) first.tabIndex = 0;
    links.find((link) => held !== undefined && link.dataset.shift === held)?.focus({ preventScroll: true });
    // the newest in sight, once it stands in the page: before that it has no width
    requestAnimationFrame(() => (this.element.scrollLeft = this.element.scrollWidth));
  }

  #link(face, each, isChosen) {
    const { shift } = each;
    const look = lookOfShift(each);
    const symbol = new Symbol();
    symbol.show(look.shape);
    const link = make("a", "", symbol.element);
    link.href = hashOf("face", face, shift.on, shift.name);
    link.dataset.shift = `${shift.on}/${shift.name}`;
    link.dataset.tone = look.tone;
    link.title = this.#words.shiftTold(shift, shiftWord(each, this.#words), each.record);
    link.setAttribute("aria-label", link.title);
    link.tabIndex = -1;
    if (isChosen) link.setAttribute("aria-current", "true");
    return link;
  }

  #step(event) {
    const [down, right] = STEPS[event.key] ?? [0, 0];
    if (down === 0 && right === 0) return;
    event.preventDefault();
    const row = this.#grid.findIndex((links) => links.includes(document.activeElement));
    if (row < 0) return;
    let [r, c] = [row + down, this.#grid[row].indexOf(document.activeElement) + right];
    while (
      this.#grid[r]?.[c] === undefined &&
      this.#grid[r] !== undefined &&
      c >= 0 &&
      c < this.#grid[r].length
    )
      [r, c] = [r + down, c + right];
    const next = this.#grid[r]?.[c];
    if (!next) return;
    document.activeElement.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}

const EARLY = { shape: "dash", tone: "calm", rank: 99 };

/** The shifts with `early` on those before the first record: nothing was connected then, so nothing is missing. */
export function withEarly(shifts) {
  const first = shifts.findIndex(({ record }) => record !== null);
  return shifts.map((each, index) => ({ ...each, early: !each.running && (first < 0 || index < first) }));
}

/** How a shift looks that may run still, or have no record. */
export function lookOfShift({ record, running, early = false }) {
  if (running) return lookOf("pending");
  if (early) return EARLY;
  return record === null ? lookOf("unknown") : lookOfRecord(record);
}

export function shiftWord({ record, running, early = false }, words) {
  if (running) return words.runningShift;
  if (early) return words.beforeRecords;
  if (record === null) return words.noRecord;
  return record.major_hazard ? words.faceStates.hazard : words.verdicts[record.verdict];
}

function dayHead(on, isFirst) {
  const head = make("th", "", isFirst ? on.slice(5) : on.slice(8));
  head.scope = "col";
  return head;
}
