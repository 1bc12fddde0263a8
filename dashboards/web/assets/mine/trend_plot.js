// Trends of several points over time: mean lines within bands from least to most, an axis for each unit, a lane between
// no and yes for each flag, time that can be drawn across to look closer, and the values of any instant for pointer and
// keyboard. Draws with uPlot.

import { make, setAttribute, setText } from "../common/element.js";
import { clockText, instant, stampText } from "../common/time.js";

const LIBRARY = new URL("../vendor/uplot", import.meta.url).href;
const HEIGHT = 380;
const LANE = 6;
const FONT = '13px "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';
const DAY = 86_400;
/** Of the lane that it stands in. */
const FLAG_HEIGHT = 0.7;
/** Without a value for so long a line ends: nobody knows that it held. */
const SILENCE_MS = 600_000;
export const PENS = [
  ["#1757b8", []],
  ["#b45309", [8, 4]],
  ["#0f7a6c", [2, 3]],
  ["#8e1a8e", [12, 4, 2, 4]],
  ["#5b6770", [5, 2]],
  ["#b42318", [1, 3]],
  ["#3d6b00", [14, 4]],
  ["#0e7490", [4, 4, 1, 4]],
];

let library = null;

/** uPlot, fetched once when the first chart is drawn; rejects where it is not installed. */
function loaded() {
  library ??= new Promise((resolve, reject) => {
    const style = make("link");
    style.rel = "stylesheet";
    style.href = `${LIBRARY}/uPlot.min.css`;
    const script = make("script");
    script.src = `${LIBRARY}/uPlot.iife.min.js`;
    script.addEventListener("load", () => resolve(globalThis.uPlot));
    script.addEventListener("error", reject);
    document.head.append(style, script);
  });
  return library;
}

export class TrendPlot {
  #words;
  #onZoom;
  #onRead;
  #plot = null;
  #grid = [];
  #readout = make("p", "readout");
  #frame = make("div", "frame");
  #shown = null;

  /** `onZoom(from, to)` is told what was drawn across; `onRead(values)` the means at the pointer, or null. */
  constructor(words, onZoom, onRead) {
    this.#words = words;
    this.#onZoom = onZoom;
    this.#onRead = onRead;
    this.#frame.tabIndex = 0;
    this.#frame.setAttribute("role", "slider");
    this.#frame.setAttribute("aria-label", words.parts.trends);
    this.#frame.setAttribute("aria-valuenow", 0);
    this.#frame.addEventListener("keydown", (event) => this.#key(event));
    this.element = make("div", "trend-plot", this.#readout, this.#frame, make("p", "note", words.laneNote));
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#frame);
  }

  /** Draw `points`, `{point, name, unit, decimals, isFlag}`, by the API's answer; rejects where uPlot is missing. */
  async show(points, answer) {
    const uPlot = await loaded();
    this.#shown = { points, answer };
    const data = this.#data(points, answer);
    this.#plot?.destroy();
    this.#frame.replaceChildren();
    this.#plot = new uPlot(this.#options(uPlot, points, answer), data, this.#frame);
    this.#frame.setAttribute("aria-valuemin", this.#grid[0] ?? 0);
    this.#frame.setAttribute("aria-valuemax", this.#grid.at(-1) ?? 0);
    this.#frame.setAttribute("aria-valuenow", this.#grid.at(-1) ?? 0);
    this.#read(null);
  }

  /** The whole grid of buckets with what each point has there; `undefined` is bridged, `null` is a gap. */
  #data(points, { from, to, width_ms: width, trends }) {
    const start = instant(from);
    const count = Math.ceil((instant(to) - start) / width);
    this.#grid = Array.from({ length: count }, (_, place) => (start + place * width + width / 2) / 1000);
    const place = (iso) => Math.round((instant(iso) - start) / width);
    return [this.#grid, ...points.flatMap(({ point }) => columnsOf(trends[point], count, place, width))];
  }

  #options(uPlot, points, { from, to, width_ms: width, trends }) {
    const units = [...new Set(points.filter(({ isFlag }) => !isFlag).map(({ unit }) => unit))];
    const flags = points.map(scaleOf).filter((_, index) => points[index].isFlag);
    const foot = (points.length * LANE) / HEIGHT;
    const series = points.flatMap((point, index) => seriesOf(uPlot, point, index));
    return {
      ...this.#size(),
      ms: 1e-3,
      legend: { show: false },
      cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
      scales: {
        x: { time: true, range: [instant(from) / 1000, instant(to) / 1000] },
        ...Object.fromEntries(flags.map((flag, place) => [flag, { range: flagRange(place, flags.length, foot) }])),
      },
      axes: [
        timeAxis(),
        ...units.map((unit, index) => unitAxis(unit, index)),
        ...(flags.length ? [flagAxis(flags, units.length, this.#words.truth)] : []),
      ],
      series: [{}, ...series],
      bands: points.map((_, index) => ({
        series: [3 * index + 3, 3 * index + 2],
        fill: `${PENS[index][0]}2e`,
      })),
      hooks: {
        setSelect: [(plot) => this.#zoom(plot)],
        setCursor: [(plot) => this.#read(plot.cursor.idx)],
        draw: [(plot) => drawNotGood(plot, points, trends, width)],
      },
    };
  }

  #size() {
    return { width: Math.max(240, this.#frame.clientWidth), height: HEIGHT };
  }

  #zoom(plot) {
    const { left, width } = plot.select;
    if (width < 4) return;
    const [from, to] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.#onZoom(Math.round(from * 1000), Math.round(to * 1000));
  }

  #key(event) {
    const last = this.#grid.length - 1;
    const here = this.#plot?.cursor.idx ?? last;
    const leap = Math.max(1, Math.round(last / 20));
    const next = {
      ArrowLeft: here - 1,
      ArrowRight: here + 1,
      PageDown: here - leap,
      PageUp: here + leap,
      Home: 0,
      End: last,
    }[event.key];
    if (next === undefined || this.#plot === null) return;
    event.preventDefault();
    const at = Math.max(0, Math.min(next, last));
    this.#plot.setCursor({ left: this.#plot.valToPos(this.#grid[at], "x"), top: 0 });
  }

  #read(place) {
    const isInside = place !== null && place !== undefined;
    const means = isInside
      ? this.#shown.points.map((_, index) => heldAt(this.#grid, this.#plot.data[3 * index + 1], place))
      : null;
    const text = isInside ? stampOf(this.#grid[place] * 1000) : this.#words.zoomHint;
    setText(this.#readout, text);
    this.#onRead(means);
    if (!isInside) return;
    this.#frame.setAttribute("aria-valuenow", this.#grid[place]);
    const { spans, truth } = this.#words;
    const told = this.#shown.points.map((point, index) => {
      const figure = means[index] === null ? spans.none : meanText(point, means[index], truth);
      return `${point.name} ${figure} ${point.unit}`;
    });
    setAttribute(this.#frame, "aria-valuetext", `${text}: ${told.join(", ")}`);
  }
}

const stampOf = (at) => `${stampText(at).slice(5, 11)}${clockText(at)}`;

/** Mean, least and most of one point on the grid: `undefined` is bridged, `null` is a gap. */
export function columnsOf({ values, not_good: notGood }, count, place, width) {
  const columns = [0, 1, 2].map(() => new Array(count).fill(undefined));
  const breaks = new Set(notGood.map(([at]) => place(at)));
  let before = -1;
  for (const [at, least, most, mean] of values) {
    const here = place(at);
    const isSilent = (here - before) * width > Math.max(SILENCE_MS, 2 * width);
    if (isSilent || anyBetween(breaks, before, here))
      for (const column of columns) column.fill(null, before + 1, here);
    [mean, least, most].forEach((value, index) => {
      columns[index][here] = value;
    });
    before = here;
  }
  return columns;
}

/** The mean at a place of the grid, or the last one before where the line goes on; null where it does not. */
export function heldAt(grid, means, place) {
  let last = place;
  while (last > 0 && means[last] === undefined) last -= 1;
  const isOld = (grid[place] - grid[last]) * 1000 > Math.max(SILENCE_MS, 2000 * (grid[1] - grid[0]));
  return isOld ? null : (means[last] ?? null);
}

function anyBetween(places, from, to) {
  for (let place = from + 1; place < to; place += 1) if (places.has(place)) return true;
  return false;
}

function seriesOf(uPlot, point, index) {
  const [stroke, dash] = PENS[index];
  const scale = scaleOf(point, index);
  const paths = point.isFlag ? uPlot.paths.stepped({ align: 1 }) : undefined;
  const edge = { scale, stroke: "transparent", width: 0, points: { show: false }, paths };
  return [
    { label: point.name, scale, stroke, dash, width: 1.6, points: { show: false }, paths },
    edge,
    edge,
  ];
}

/** Points of a unit share a scale; each flag has one of its own. */
function scaleOf({ unit, isFlag }, index) {
  return isFlag ? `flag ${index}` : unit || "1";
}

/** The scale that puts no and yes of a flag into its lane, the first on top; the share `foot` below stays free. */
export function flagRange(place, flags, foot) {
  const lane = (1 - foot) / flags;
  const no = foot + lane * (flags - 1 - place + (1 - FLAG_HEIGHT) / 2);
  const span = lane * FLAG_HEIGHT;
  return [-no / span, (1 - no) / span];
}

/** No and yes beside each lane, as the scale of the first flag has them. */
function flagAxis([scale, ...others], place, truth) {
  const noes = [0, ...others.map((_, index) => -(index + 1) / FLAG_HEIGHT)].reverse();
  return {
    ...unitAxis("", place),
    scale,
    splits: () => noes.flatMap((no) => [no, no + 1]),
    values: () => noes.flatMap(() => [truth.false, truth.true]),
  };
}

/** A mean as text; of a flag no, yes, or of several readings how many were yes. */
export function meanText({ isFlag, decimals }, mean, truth) {
  if (!isFlag) return mean.toFixed(decimals ?? 2);
  return mean === 0 || mean === 1 ? truth[mean === 1] : `${(100 * mean).toFixed(1)} %`;
}

function timeAxis() {
  return {
    stroke: "#55616d",
    font: FONT,
    grid: { stroke: "#e3e8ed", width: 1 },
    ticks: { stroke: "#d5dade", width: 1 },
    space: 90,
    values: (plot, splits) =>
      splits.map((at) =>
        plot.scales.x.max - plot.scales.x.min > 2 * DAY
          ? stampText(at * 1000).slice(5)
          : clockText(at * 1000).slice(0, plot.scales.x.max - plot.scales.x.min < 600 ? 8 : 5),
      ),
  };
}

function unitAxis(unit, index) {
  return {
    scale: unit || "1",
    label: unit,
    labelSize: 20,
    labelFont: FONT,
    font: FONT,
    side: index % 2 === 0 ? 3 : 1,
    stroke: "#55616d",
    size: 58,
    grid: { show: index === 0, stroke: "#e3e8ed", width: 1 },
    ticks: { stroke: "#d5dade", width: 1 },
  };
}

/** A lane at the foot for each point, marked where its quality was not good. */
function drawNotGood(plot, points, trends, width) {
  const { ctx, bbox } = plot;
  ctx.save();
  points.forEach(({ point }, index) => {
    const top = bbox.top + bbox.height - (points.length - index) * LANE * devicePixelRatio;
    for (const [at, share] of trends[point].not_good) {
      const left = plot.valToPos(instant(at) / 1000, "x", true);
      const right = plot.valToPos((instant(at) + width) / 1000, "x", true);
      ctx.fillStyle = `rgba(128, 106, 0, ${0.25 + 0.75 * (1 - share)})`;
      ctx.fillRect(left, top, Math.max(1, right - left), (LANE - 1) * devicePixelRatio);
    }
  });
  ctx.restore();
}
