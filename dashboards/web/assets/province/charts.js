// Small pictures: shares of a whole, a bullet bar, the way of a count through the years, shifts in a strip. Each is an
// image to readers, named by a text that says the same. Nothing rests on colour alone: unknown is hatched.

import { draw, make } from "../common/element.js";

const DAY = 86_400_000;

/** Parts of a whole beside each other, `[{count, tone, word}, …]`; a whole of nothing is an empty track. */
export function stack(parts, label = "") {
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const said = parts
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${word} ${count}`)
    .join(", ");
  const bar = image("span", "stack", label ? `${label}: ${said}` : said);
  bar.title = said;
  for (const { count, tone } of parts) {
    if (count === 0) continue;
    const part = make("span");
    part.dataset.tone = tone;
    part.style.setProperty("--share", `${((count / total) * 100).toFixed(2)}%`);
    bar.append(part);
  }
  return bar;
}

/** What the tones of a stack mean. */
export function stackLegend(parts) {
  const items = parts.map(({ tone, word }) => {
    const swatch = make("span", "swatch");
    swatch.dataset.tone = tone;
    return make("li", "", swatch, word);
  });
  return make("ul", "legend", ...items);
}

/** Done of a whole, behind it what waits, and a tick where it should be by now; shares of 1. */
export function bullet({ done, waiting, due, lags }, label) {
  const bar = image("span", "bullet", label);
  const set = (name, share) => bar.style.setProperty(name, `${(Math.min(1, share) * 100).toFixed(2)}%`);
  set("--accepted", done);
  set("--completed", waiting);
  if (lags) bar.dataset.tone = "over";
  if (due !== null) {
    set("--due", due);
    bar.append(make("span", "due"));
  }
  return bar;
}

/**
 * How a count grew beside its plan: `days` (ISO) at which it grew by one, `steps` `[[year, planned up to it], …]`.
 * The plan is dashed and rises evenly to each year's end; the day looked at is a thin line, nothing stands behind it.
 */
export function curve({ days, steps, day }, label) {
  const [width, height] = [168, 56];
  const from = Date.UTC(steps[0][0], 0, 1);
  const until = Date.UTC(steps.at(-1)[0] + 1, 0, 1);
  const most = Math.max(1, steps.at(-1)[1], days.length);
  const x = (at) => ((Math.min(Math.max(at, from), until) - from) / (until - from)) * width;
  const y = (count) => height - (count / most) * (height - 4) - 1;
  const picture = draw("svg", { class: "curve", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  for (const [year] of steps) picture.append(line(x(Date.UTC(year + 1, 0, 1)), "grid", height));
  picture.append(draw("path", { class: "planned", d: planPath(steps, x, y) }));
  const now = Date.parse(day);
  picture.append(draw("path", { class: "counted", d: countPath(days, now, x, y) }));
  if (now < until) picture.append(line(x(now), "now", height));
  return picture;
}

function line(at, name, height) {
  return draw("line", { class: name, x1: at.toFixed(1), x2: at.toFixed(1), y1: 0, y2: height });
}

function planPath(steps, x, y) {
  let path = `M${x(Date.UTC(steps[0][0], 0, 1)).toFixed(1)} ${y(0).toFixed(1)}`;
  for (const [year, planned] of steps) path += `L${x(Date.UTC(year, 11, 31)).toFixed(1)} ${y(planned).toFixed(1)}`;
  return path;
}

function countPath(days, now, x, y) {
  const sorted = days
    .map((day) => Date.parse(day))
    .filter((at) => at <= now)
    .sort((a, b) => a - b);
  let path = `M0 ${y(0).toFixed(1)}`;
  sorted.forEach((at, index) => {
    path += `H${x(at).toFixed(1)}V${y(index + 1).toFixed(1)}`;
  });
  return `${path}H${x(now).toFixed(1)}`;
}

/**
 * Shifts by day and by name, `[{day, row, tone, word}, …]`: a square each, a missing one stays empty. `rows` are the
 * names in order.
 */
export function strip(shifts, rows, label) {
  const first = Date.parse(shifts[0].day);
  const last = Date.parse(shifts.at(-1).day);
  const days = Math.round((last - first) / DAY) + 1;
  const side = 12;
  const picture = draw("svg", {
    class: "strip",
    viewBox: `0 0 ${days * side} ${rows.length * side}`,
    role: "img",
    "aria-label": label,
  });
  for (const { day, row, tone, word } of shifts) {
    const place = { x: Math.round((Date.parse(day) - first) / DAY) * side + 0.5, y: rows.indexOf(row) * side + 0.5 };
    const square = draw("rect", { ...place, width: side - 2, height: side - 2, "data-tone": tone });
    square.append(draw("title", {}, `${day} ${row} ${word}`));
    picture.append(square);
    if (tone === "over")
      picture.append(
        draw("path", {
          class: "cut",
          d: `M${place.x + 2} ${place.y + side - 4}L${place.x + side / 2 - 1} ${place.y + 2}L${place.x + side - 4} ${place.y + side - 4}Z`,
        }),
      );
  }
  return picture;
}

function image(tag, className, label) {
  const node = make(tag, className);
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", label);
  return node;
}
