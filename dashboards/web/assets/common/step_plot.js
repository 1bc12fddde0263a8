// What charts of a headcount are drawn of: a step line, what lies above the limit, bands behind them. A value holds
// until the next one; what is unknown is hatched and never joined.

import { draw, setAttribute } from "./element.js";

let hatches = 0;

const round = (number) => Math.round(number * 10) / 10;

/** The line through stretches `{from, to, headcount}`; `x` and `y` place an instant and a headcount. */
export function stepPath(parts, x, y) {
  let path = "";
  let joined = false;
  for (const { from, to, headcount } of parts) {
    if (headcount !== null) path += `${joined ? `V${y(headcount)}` : `M${x(from)} ${y(headcount)}`}H${x(to)}`;
    joined = headcount !== null;
  }
  return path;
}

/** What of the stretches lies above the limit while it is judged, `[from, to]`, as areas; null: it never is. */
export function excessPath(parts, x, y, limit, judged) {
  if (judged === null) return "";
  return parts
    .filter((part) => part.headcount > limit)
    .map(({ from, to, headcount }) => ({ from: Math.max(from, judged[0]), to: Math.min(to, judged[1]), headcount }))
    .filter(({ from, to }) => from < to)
    .map(({ from, to, headcount }) => `M${x(from)} ${y(limit)}V${y(headcount)}H${x(to)}V${y(limit)}Z`)
    .join("");
}

/** Full-height bands behind a chart, kept as nodes while they change; the blind ones are hatched. */
export class Bands {
  #hatch = `hatch-${(hatches += 1)}`;
  #group = draw("g");

  constructor() {
    const size = { width: "0.6em", height: "0.6em" };
    const stripe = draw("rect", { class: "stripe", width: "0.14em", height: "0.6em" });
    const pattern = {
      id: this.#hatch,
      patternUnits: "userSpaceOnUse",
      patternTransform: "rotate(45)",
      ...size,
    };
    this.nodes = [draw("defs", {}, draw("pattern", pattern, stripe)), this.#group];
  }

  /** Show `{kind, from, to}` within the stretch of time from `start` to `end`. */
  show(bands, start, end) {
    const group = this.#group;
    const percent = (at) => round(((at - start) / (end - start)) * 100);
    while (group.childElementCount > bands.length) group.lastElementChild.remove();
    while (group.childElementCount < bands.length) group.append(draw("rect", { y: 0, height: "100%" }));
    bands.forEach(({ kind, from, to }, index) => {
      const rect = group.children[index];
      setAttribute(rect, "class", kind);
      setAttribute(rect, "x", `${percent(from)}%`);
      setAttribute(rect, "width", `${round(percent(to) - percent(from))}%`);
      setAttribute(rect, "fill", kind === "blind" ? `url(#${this.#hatch})` : null);
    });
  }
}
