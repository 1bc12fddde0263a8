// Trends of any points of the mine. What is shown stands in the address, so that a look can be kept, sent and gone back
// to: `#trends/28800000/F1/Gas…` for a length up to now, `#trends/1646064000000-1646092800000/…` for a fixed stretch.

import { draw, make, setText } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Period } from "../common/period.js";
import { hashOf } from "../common/places.js";
import { Table } from "../common/table.js";
import { stampText } from "../common/time.js";
import { nameParts } from "../common/values.js";
import { POINTS_MAX, PointPicker } from "./point_picker.js";
import { PENS, TrendPlot, meanText } from "./trend_plot.js";

const HOUR = 3_600_000;
const LENGTHS = [1, 8, 24, 168, 720];
const DAYS_MAX = 92;
const BUCKETS_MAX = 900;
const AGAIN_MS = 30_000;

export class TrendsPage {
  #words;
  #api;
  #picker;
  #period;
  #plot;
  #table;
  #csv;
  #stretch = make("p", "stretch");
  #panel;
  #points = new Map();
  #chosen = [];
  #span = { length: 8 * HOUR };
  #means = null;
  #rows = [];
  #now = null;
  #askedAt = -Infinity;
  #isFilled = false;

  constructor(words, { api }) {
    this.#words = words;
    this.#api = api;
    this.#picker = new PointPicker(words, (points) => this.#look(points, this.#span));
    const presets = LENGTHS.map((hours) => ({
      word: hours < 48 ? words.hours(hours) : words.days(hours / 24),
      ms: hours * HOUR,
    }));
    this.#period = new Period(words, {
      presets,
      daysMax: DAYS_MAX,
      onChange: (span) => this.#look(this.#chosen, span),
    });
    this.#plot = new TrendPlot(
      words,
      (from, to) => this.#look(this.#chosen, { from, to }),
      (means) => this.#read(means),
    );
    this.#table = figuresTable(words, () => this.#means);
    this.#csv = make("a", "button", words.csvRows);
    this.#csv.setAttribute("download", "");
    this.#panel = new Panel(words, words.parts.trends, [this.#period.element, this.#csv]);
    const picker = new Panel(words, words.parts.points);
    picker.ask(`${api}/points`, (points) => this.#fill(points));
    const columns = make("div", "trends", picker.element, this.#panel.element);
    this.element = make(
      "div",
      "place",
      make("div", "title", make("h1", "", words.placeNames.trends)),
      columns,
    );
  }

  /** Show what the address says; false where this page is open already. */
  show([span, ...rest]) {
    this.#span = spanOf(span) ?? { length: 8 * HOUR };
    this.#chosen = rest.slice(0, POINTS_MAX);
    this.#picker.choose(this.#chosen);
    this.#askedAt = -Infinity;
    return !this.element.isConnected;
  }

  live({ now }) {
    this.#now = now;
    const isOld =
      this.#askedAt === -Infinity || ("length" in this.#span && performance.now() - this.#askedAt > AGAIN_MS);
    if (this.#isFilled && isOld && document.visibilityState === "visible") this.#ask();
  }

  #fill(points) {
    const known = points.filter((point) => !point.is_text);
    this.#points = new Map(known.map((point) => [point.point, point]));
    this.#isFilled = true;
    if (!known.length) return this.#words.empty.noPoints;
    this.#picker.fill(known);
    this.#picker.choose(this.#chosen);
    return [this.#picker.element];
  }

  #look(points, span) {
    const text = "length" in span ? String(span.length) : `${span.from}-${span.to}`;
    location.hash = hashOf("trends", text, ...points);
  }

  #ask() {
    this.#askedAt = performance.now();
    const { length = null } = this.#span;
    const to = length === null ? this.#span.to : Math.ceil(this.#now / 1000) * 1000;
    const from = length === null ? this.#span.from : to - length;
    this.#period.set(from, to, length);
    setText(this.#stretch, `${stampText(from)} – ${stampText(to)}`);
    const points = this.#chosen.filter((point) => this.#points.has(point));
    this.#csv.hidden = points.length === 0;
    if (!points.length) {
      this.#panel.say(this.#words.empty.noChoice);
      return;
    }
    const query = new URLSearchParams([
      ...points.map((point) => ["point", point]),
      ["from", iso(from)],
      ["to", iso(to)],
    ]);
    this.#csv.href = `${this.#api}/readings.csv?${query}`;
    query.set("buckets", String(Math.max(100, Math.min(BUCKETS_MAX, Math.round(innerWidth / 2)))));
    this.#panel.ask(`${this.#api}/trends?${query}`, (answer) => this.#draw(points, answer));
  }

  #draw(points, answer) {
    const shown = points.map((point) => {
      const { unit, decimals, ...names } = this.#points.get(point);
      const lang = this.#words.tag === "en" ? "en" : "zh";
      const name = `${names.area_name} ${nameParts(names, lang).filter(Boolean).join(" ")}`;
      return {
        point,
        name,
        unit: this.#words.unitNames[unit] ?? unit,
        decimals,
        isFlag: isFlag(this.#points.get(point), answer.trends[point].values),
      };
    });
    this.#rows = shown.map((point, index) => figuresOf(point, index, answer));
    this.#table.show(this.#rows);
    this.#plot.show(shown, answer).catch(() => this.#panel.say(this.#words.empty.noCharts));
    const isEmpty = this.#rows.every(({ count }) => count === 0);
    return [
      ...(isEmpty ? [make("p", "notice", this.#words.noValues)] : []),
      this.#stretch,
      this.#plot.element,
      this.#table.element,
    ];
  }

  #read(means) {
    this.#means = means;
    this.#table.show(this.#rows);
  }
}

const iso = (at) => new Date(at).toISOString();

/** A stretch of time as the address has it; null where it has none. */
function spanOf(text) {
  const found = /^(\d+)(?:-(\d+))?$/.exec(text ?? "");
  if (found === null) return null;
  return found[2] === undefined
    ? { length: Number(found[1]) }
    : { from: Number(found[1]), to: Number(found[2]) };
}

/** Is it yes or no? A point that has no good value now is taken by what it was. */
function isFlag({ value, unit }, values) {
  if (value !== null) return typeof value === "boolean";
  return unit === "" && values.every(([, least, most]) => [0, 1].includes(least) && [0, 1].includes(most));
}

/** What a point was over the whole stretch. */
function figuresOf(point, index, { width_ms: width, from, to, trends }) {
  const { values, not_good: notGood } = trends[point.point];
  const count = values.reduce((sum, value) => sum + value[4], 0);
  const lost = notGood.reduce((sum, [, share]) => sum + (1 - share) * width, 0);
  return {
    ...point,
    index,
    count,
    least: values.reduce((least, value) => Math.min(least, value[1]), Infinity),
    most: values.reduce((most, value) => Math.max(most, value[2]), -Infinity),
    mean: values.reduce((sum, value) => sum + value[3] * value[4], 0) / count,
    good: 1 - Math.min(1, lost / (Date.parse(to) - Date.parse(from))),
  };
}

function figuresTable(words, meansOf) {
  const figure = (key, of) => ({
    key,
    title: words.trendHeads[key],
    number: true,
    show: (row) => (Number.isFinite(of(row)) ? meanText(row, of(row), words.truth) : null),
    value: (row) => (Number.isFinite(of(row)) ? of(row) : null),
  });
  return new Table(
    words,
    [
      {
        key: "name",
        title: words.pointHead,
        show: ({ name, index }) => named(name, index),
        value: ({ name }) => name,
      },
      { key: "unit", title: words.unitHead, show: ({ unit }) => unit },
      figure("here", ({ index }) => meansOf()?.[index] ?? NaN),
      figure("least", ({ least }) => least),
      figure("mean", ({ mean }) => mean),
      figure("most", ({ most }) => most),
      {
        key: "count",
        title: words.trendHeads.count,
        number: true,
        show: ({ count }) => count,
        value: ({ count }) => count,
      },
      {
        key: "good",
        title: words.trendHeads.good,
        number: true,
        show: ({ good }) => `${(Math.floor(good * 1000) / 10).toFixed(1)} %`,
        value: ({ good }) => good,
        tone: ({ good }) => (good < 0.95 ? "unknown" : null),
      },
    ],
    { caption: words.parts.figures, key: ({ point }) => point },
  );
}

function named(name, index) {
  const [stroke, dash] = PENS[index];
  const line = draw("path", { d: "M0 3H28", stroke, "stroke-dasharray": dash.join(" ") });
  return make(
    "span",
    "named",
    draw("svg", { class: "pen", viewBox: "0 0 28 6", "aria-hidden": "true" }, line),
    name,
  );
}
