// The headcount of one shift, large: step line, limit dashed, handover shaded, unknown time hatched, with scales, and
// what it was at any instant for pointer and keyboard.

import { draw, make, setAttribute, setHidden, setText } from "../common/element.js";
import { Bands, excessPath, stepPath } from "../common/step_plot.js";
import { clockText, instant, timeText } from "../common/time.js";

const WIDTH = 1000;
const HEIGHT = 100;
const HOUR = 3_600_000;

export class HeadcountChart {
  #words;
  #bands = new Bands();
  #lines = {};
  #marker = make("i", "marker");
  #readout = make("p", "readout");
  #left = make("div", "scale");
  #below = make("div", "hours");
  #frame;
  #legend;
  #shown = null;
  #at = null;

  constructor(words) {
    this.#words = words;
    for (const kind of ["grid", "limit", "statutory", "excess", "steps"])
      this.#lines[kind] = draw("path", { class: kind });
    const scaled = {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      width: "100%",
      height: "100%",
    };
    const plot = draw(
      "svg",
      { class: "plot", "aria-hidden": "true" },
      ...this.#bands.nodes,
      draw("svg", scaled, ...Object.values(this.#lines)),
    );
    this.#frame = make("div", "frame", plot, this.#marker);
    this.#frame.tabIndex = 0;
    this.#frame.setAttribute("role", "slider");
    this.#frame.addEventListener("pointermove", (event) => this.#point(event));
    this.#frame.addEventListener("pointerleave", () => this.#read(null));
    this.#frame.addEventListener("keydown", (event) => this.#key(event));
    this.#frame.addEventListener("focus", () => this.#read(this.#at ?? this.#shown?.until));
    this.#frame.addEventListener("blur", () => this.#read(null));
    this.#legend = legend(words);
    this.element = make(
      "figure",
      "headcount",
      this.#readout,
      make("div", "chart", this.#left, this.#frame, this.#below),
      this.#legend,
    );
  }

  /** Show a shift as the API's one shift gives it. */
  show({ shift, face, headcount, handover, judged, until, statutory_limit: statutory }) {
    const [start, end, now] = [shift.starts_at, shift.ends_at, until].map(instant);
    const parts = withUnknown(headcount, start, now);
    const most = parts.reduce((highest, part) => Math.max(highest, part.headcount ?? 0), face.limit + 2);
    const top = Math.max(4, most) + 1;
    const x = (at) => Math.round(((at - start) / (end - start)) * WIDTH * 10) / 10;
    const y = (count) => Math.round((HEIGHT - (count / top) * HEIGHT) * 10) / 10;
    const step = [1, 2, 5, 10, 20, 50, 100].find((each) => top / each <= 6) ?? 200;
    const counts = Array.from({ length: Math.floor(top / step) + 1 }, (_, index) => index * step);
    const span = isJudged({ shift, face }) && judged !== null ? judged.map(instant) : null;
    this.#shown = { parts, start, end, until: now, top };
    setAttribute(this.#lines.grid, "d", counts.map((count) => `M0 ${y(count)}H${WIDTH}`).join(""));
    setAttribute(this.#lines.limit, "d", `M0 ${y(face.limit)}H${WIDTH}`);
    setAttribute(this.#lines.statutory, "d", statutory <= top ? `M0 ${y(statutory)}H${WIDTH}` : "");
    setHidden(this.#legend.querySelector(".statutory").parentElement, statutory > top);
    setAttribute(this.#lines.excess, "d", excessPath(parts, x, y, face.limit, span));
    setAttribute(this.#lines.steps, "d", stepPath(parts, x, y));
    this.#bands.show(
      [
        ...handover.map(([from, to]) => ({ kind: "handover", from: instant(from), to: instant(to) })),
        ...parts
          .filter((part) => part.headcount === null)
          .map(({ from, to }) => ({ kind: "blind", from, to })),
      ],
      start,
      end,
    );
    this.#left.replaceChildren(...counts.map((count) => placed("bottom", count / top, count)));
    this.#below.replaceChildren(
      ...hoursOf(start, end).map((at) => placed("left", (at - start) / (end - start), timeText(at))),
    );
    this.#frame.setAttribute("aria-valuemin", start);
    this.#frame.setAttribute("aria-valuemax", now);
    this.#frame.setAttribute("aria-valuenow", now);
    this.#frame.setAttribute("aria-label", this.#words.headcountOf(`${shift.on} ${shift.name}`));
    this.#read(this.#at);
  }

  #point({ clientX }) {
    const { left, width } = this.#frame.getBoundingClientRect();
    const { start, end } = this.#shown;
    this.#read(start + ((clientX - left) / width) * (end - start));
  }

  #key(event) {
    const { parts, start, until } = this.#shown;
    const at = this.#at ?? until;
    const place = parts.findIndex((part) => at >= part.from && at < part.to);
    const here = place < 0 ? parts.length - 1 : place;
    const next = {
      ArrowLeft: here - 1,
      ArrowDown: here - 1,
      ArrowRight: here + 1,
      ArrowUp: here + 1,
      Home: 0,
      End: parts.length - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.#read(parts[Math.max(0, Math.min(next, parts.length - 1))]?.from ?? start);
  }

  /** Say what it was then; null for nothing. */
  #read(at) {
    const shown = this.#shown;
    const inside =
      at !== null && at !== undefined && shown !== null && at >= shown.start && at <= shown.until;
    this.#at = inside ? at : null;
    this.#marker.hidden = !inside;
    const part = inside
      ? (shown.parts.find(({ from, to }) => at >= from && at < to) ?? shown.parts.at(-1))
      : undefined;
    const text =
      part === undefined
        ? ""
        : this.#words.readout(clockText(at), part.headcount, clockText(part.from), clockText(part.to));
    setText(this.#readout, text || this.#words.readoutHint);
    if (!inside) return;
    this.#marker.style.left = `${((at - shown.start) / (shown.end - shown.start)) * 100}%`;
    this.#frame.setAttribute("aria-valuenow", Math.round(at));
    this.#frame.setAttribute("aria-valuetext", text);
  }
}

/** Is a shift of a face judged by the plan's limit? The law's holds all the same. */
export function isJudged({ shift, face }) {
  return face.intelligent && shift.kind !== "maintenance";
}

/** Known stretches with the unknown ones between them, from `start` to `until`. */
function withUnknown(known, start, until) {
  const parts = [];
  let at = start;
  for (const [from, to, headcount] of known.map(([from, to, n]) => [instant(from), instant(to), n])) {
    if (from > at) parts.push({ from: at, to: from, headcount: null });
    parts.push({ from, to, headcount });
    at = to;
  }
  if (until > at) parts.push({ from: at, to: until, headcount: null });
  return parts;
}

function hoursOf(start, end) {
  const hours = [];
  for (let at = start; at <= end; at += HOUR) hours.push(at);
  return hours;
}

function placed(side, share, text) {
  const label = make("span", "", String(text));
  label.style[side] = `${share * 100}%`;
  return label;
}

function legend(words) {
  const items = Object.entries(words.legend).map(([kind, word]) =>
    make("li", "", make("i", `key ${kind}`), word),
  );
  return make("ul", "legend", ...items);
}
