// The headcount of the running shift: a step line over the shift's own width, the limit dashed, handover
// shaded, unknown spans hatched and never joined, what lies above the limit filled where that is judged.

import { draw, make, setAttribute, setText } from "../common/element.js";
import { stretches } from "../common/headcount_series.js";
import { Bands, excessPath, stepPath } from "../common/step_plot.js";
import { staleMs } from "./store.js";
import { instant, timeText } from "../common/time.js";

const WIDTH = 1000;
const HEIGHT = 100;

/** The top of the scale for faces that stand side by side: every headcount, but at most twice the limit. */
export function scaleTop(faces) {
  const highest = (face) => face.rows.reduce((most, row) => Math.max(most, row[1] ?? 0), face.limit + 2);
  const limit = Math.max(3, ...faces.map((face) => face.limit));
  return Math.min(2 * limit, Math.max(4, ...faces.map(highest)) + 1);
}

export class Trend {
  #words;
  #plot;
  #bands = new Bands();
  #line = draw("path", { class: "steps" });
  #over = draw("path", { class: "excess" });
  #limit = draw("path", { class: "limit" });
  #base = draw("path", { class: "base", d: `M0 ${HEIGHT}H${WIDTH}` });
  #from = make("span");
  #to = make("span");

  constructor(words) {
    this.#words = words;
    const lines = draw(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", width: "100%", height: "100%" },
      this.#base,
      this.#limit,
      this.#line,
      this.#over, // above the line: a minute over the limit is narrower than the pen
    );
    this.#plot = draw("svg", { class: "plot", role: "img" }, ...this.#bands.nodes, lines);
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
    setAttribute(this.#over, "d", excessPath(parts, x, y, face.limit, judgedPart(face, start, end)));
    setAttribute(this.#limit, "d", `M0 ${y(face.limit)}H${WIDTH}`);
    this.#showBands(face, parts, start, end);
    setText(this.#from, timeText(start));
    setText(this.#to, timeText(end));
    setAttribute(this.#plot, "aria-label", this.#words.trend(timeText(start), timeText(now)));
    return undefined;
  }

  #clear() {
    for (const path of [this.#line, this.#over, this.#limit]) setAttribute(path, "d", "");
    this.#bands.show([], 0, 1);
    setText(this.#from, "");
    setText(this.#to, "");
    setAttribute(this.#plot, "aria-label", this.#words.noShift);
  }

  #showBands(face, parts, start, end) {
    const handover = Math.min(face.handover_min * 60_000, end - start);
    const blind = parts.filter((part) => part.headcount === null);
    const bands = [
      { kind: "handover", from: start, to: start + handover },
      { kind: "handover", from: end - handover, to: end },
      ...blind.map(({ from, to }) => ({ kind: "blind", from, to })),
    ];
    this.#bands.show(bands, start, end);
  }
}

/** When the shift is judged by the limit, `[from, to]`; null where it is not at all (definitions.md). */
function judgedPart({ shift, intelligent, handover_min: handover }, start, end) {
  if (shift.kind === "maintenance" || !intelligent) return null;
  return [start + handover * 60_000, end - handover * 60_000];
}

const round = (number) => Math.round(number * 10) / 10;
