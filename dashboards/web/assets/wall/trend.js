// The headcount of the running shift: a step line over the shift's own width, the limit dashed, handover
// shaded, unknown spans hatched and never joined, what lies above the limit filled.

import { draw, make, setAttribute, setText } from "../common/element.js";
import { stretches } from "../common/headcount_series.js";
import { staleMs } from "./store.js";
import { instant, timeText } from "../common/time.js";

const WIDTH = 1000;
const HEIGHT = 100;
let hatches = 0;

/** The top of the scale for faces that stand side by side: every headcount, but at most twice the limit. */
export function scaleTop(faces) {
  const highest = (face) => face.rows.reduce((most, row) => Math.max(most, row[1] ?? 0), face.limit + 2);
  const limit = Math.max(3, ...faces.map((face) => face.limit));
  return Math.min(2 * limit, Math.max(4, ...faces.map(highest)) + 1);
}

export class Trend {
  #words;
  #plot;
  #backs = draw("g");
  #line = draw("path", { class: "steps" });
  #over = draw("path", { class: "excess" });
  #limit = draw("path", { class: "limit" });
  #base = draw("path", { class: "base", d: `M0 ${HEIGHT}H${WIDTH}` });
  #from = make("span");
  #to = make("span");
  #hatch = `hatch-${(hatches += 1)}`;

  constructor(words) {
    this.#words = words;
    const lines = draw(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", width: "100%", height: "100%" },
      this.#base,
      this.#limit,
      this.#over,
      this.#line,
    );
    this.#plot = draw("svg", { class: "plot", role: "img" }, this.#pattern(), this.#backs, lines);
    const axis = make("p", "axis", this.#from, this.#to);
    axis.setAttribute("aria-hidden", "true");
    this.element = make("div", "trend", this.#plot, axis);
  }

  update(face, now, top) {
    if (face.shift === null) return this.#clear();
    const start = instant(face.shift.starts_at);
    const end = instant(face.shift.ends_at);
    const step = (end - start) / WIDTH;
    const until = Math.min(end, start + Math.ceil((now - start) / step) * step);
    const parts = stretches(face.rows, start, until, staleMs(face));
    const x = (at) => round(((at - start) / (end - start)) * WIDTH);
    const y = (headcount) => round(HEIGHT - (Math.min(headcount, top) / top) * HEIGHT);
    setAttribute(this.#line, "d", stepPath(parts, x, y));
    setAttribute(this.#over, "d", excessPath(parts, x, y, face.limit));
    setAttribute(this.#limit, "d", `M0 ${y(face.limit)}H${WIDTH}`);
    this.#showBacks(face, parts, start, end);
    setText(this.#from, timeText(start));
    setText(this.#to, timeText(end));
    setAttribute(this.#plot, "aria-label", this.#words.trend(timeText(start), timeText(now)));
    return undefined;
  }

  #clear() {
    for (const path of [this.#line, this.#over, this.#limit]) setAttribute(path, "d", "");
    this.#setBacks([]);
    setText(this.#from, "");
    setText(this.#to, "");
    setAttribute(this.#plot, "aria-label", this.#words.noShift);
  }

  #showBacks(face, parts, start, end) {
    const handover = Math.min(face.handover_min * 60_000, end - start);
    const percent = (at) => round(((at - start) / (end - start)) * 100);
    const back = (kind, from, to) => ({ kind, x: percent(from), width: round(percent(to) - percent(from)) });
    this.#setBacks([
      back("handover", start, start + handover),
      back("handover", end - handover, end),
      ...parts.filter((part) => part.headcount === null).map((part) => back("blind", part.from, part.to)),
    ]);
  }

  #setBacks(backs) {
    const group = this.#backs;
    while (group.childElementCount > backs.length) group.lastElementChild.remove();
    while (group.childElementCount < backs.length) group.append(draw("rect", { y: 0, height: "100%" }));
    backs.forEach(({ kind, x, width }, index) => {
      const rect = group.children[index];
      setAttribute(rect, "class", kind);
      setAttribute(rect, "x", `${x}%`);
      setAttribute(rect, "width", `${width}%`);
      setAttribute(rect, "fill", kind === "blind" ? `url(#${this.#hatch})` : null);
    });
  }

  #pattern() {
    const size = { width: "0.6em", height: "0.6em" };
    return draw(
      "defs",
      {},
      draw(
        "pattern",
        { id: this.#hatch, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)", ...size },
        draw("rect", { class: "stripe", width: "0.14em", height: "0.6em" }),
      ),
    );
  }
}

const round = (number) => Math.round(number * 10) / 10;

function stepPath(parts, x, y) {
  let path = "";
  let joined = false;
  for (const { from, to, headcount } of parts) {
    if (headcount !== null) path += `${joined ? `V${y(headcount)}` : `M${x(from)} ${y(headcount)}`}H${x(to)}`;
    joined = headcount !== null;
  }
  return path;
}

function excessPath(parts, x, y, limit) {
  return parts
    .filter((part) => part.headcount > limit)
    .map((part) => `M${x(part.from)} ${y(limit)}V${y(part.headcount)}H${x(part.to)}V${y(limit)}Z`)
    .join("");
}
