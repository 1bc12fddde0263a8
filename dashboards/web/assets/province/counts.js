// The plan's table with actuals: what stands in each cell, which cells lag, and which list a figure counts. Pure.
//
// - A year's cell tells what was accepted and completed in that year beside the table's figure; the cumulative reading
//   runs from 2021 to that year; the last column is cumulative over all years.
// - A cell lags when its year is due and fewer were accepted by its end than were planned up to it. The last column lags
//   when fewer are accepted now than were planned up to the last year that is due. A total lags when one of its units
//   does: one unit's surplus does not hide another's lack.

export const KINDS = ["mining_face", "driving_face", "demonstration_mine"];
export const YEARS = [2021, 2022, 2023];
export const TOTAL = "合计";
/** The column over all years. */
export const WHOLE = "whole";

/** The kind that a project counts as in the table; null for one that has no row there. */
export function countedAs(kind) {
  if (kind === "driving_face_tbm") return "driving_face";
  return KINDS.includes(kind) ? kind : null;
}

/** The year of the plan that a day lies in: the first one before it, the last one after it. */
export function yearOf(day) {
  return Math.min(Math.max(Number(day.slice(0, 4)), YEARS[0]), YEARS.at(-1));
}

/** Units in the table's order, and those that the table does not have. */
export function unitsOf(progress) {
  const names = [...new Set(progress.rows.map(({ enterprise }) => enterprise))];
  const isOn = (name) => progress.rows.some((row) => row.enterprise === name && row.planned !== null);
  return { on: names.filter(isOn), off: names.filter((name) => !isOn(name)) };
}

/**
 * The cells of a unit (or of a total), `{[year or WHOLE]: {[kind]: cell}}`; `isCumulative` reads the years cumulatively.
 * `cell`: `{accepted, completed, planned, shortfall, overdue, missed, due, lags}`; `planned` null off the table.
 */
export function cellsOf(progress, unit, isCumulative) {
  const rows = [...progress.rows, ...progress.totals].filter((row) => row.enterprise === unit);
  const cells = Object.fromEntries([...YEARS, WHOLE].map((column) => [column, {}]));
  for (const kind of KINDS) {
    const ofKind = rows.filter((row) => row.kind === kind);
    for (const row of ofKind) cells[row.year][kind] = yearCell(row, isCumulative);
    cells[WHOLE][kind] = wholeCell(ofKind);
  }
  return cells;
}

function yearCell(row, isCumulative) {
  const of = (name) => row[isCumulative ? `${name}_cumulative` : name];
  return {
    accepted: of("accepted"),
    completed: of("completed"),
    planned: of("planned"),
    shortfall: row.due ? row.shortfall : null,
    overdue: row.overdue,
    missed: row.missed,
    due: row.due,
    lags: row.due && row.shortfall > 0,
  };
}

function wholeCell(rows) {
  const last = rows.at(-1);
  const due = rows.filter((row) => row.due).at(-1);
  const lacking =
    due === undefined || due.planned_cumulative === null
      ? 0
      : Math.max(0, due.planned_cumulative - last.accepted_cumulative);
  return {
    accepted: last.accepted_cumulative,
    completed: last.completed_cumulative,
    planned: last.planned_cumulative,
    shortfall: due === undefined ? null : lacking,
    overdue: sum(rows, "overdue"),
    missed: sum(rows, "missed"),
    due: last.due,
    lags: lacking > 0,
  };
}

/**
 * Every row of the table: `{unit, isTotal, cells}`; 全省 follows 合计 where some unit is off the table. Who sees a part
 * of the province has no totals.
 */
export function tableRows(progress, isCumulative) {
  const { on, off } = unitsOf(progress);
  const row = (unit, isTotal = false) => ({ unit, isTotal, cells: cellsOf(progress, unit, isCumulative) });
  const units = on.map((unit) => row(unit));
  const others = off.map((unit) => row(unit));
  const totals = [...new Set(progress.totals.map(({ enterprise }) => enterprise))].map((unit) => row(unit, true));
  for (const total of totals) {
    for (const [column, kinds] of Object.entries(total.cells)) {
      for (const kind of KINDS) kinds[kind].lags = units.some(({ cells }) => cells[column][kind].lags);
    }
  }
  return [...units, ...totals.slice(0, 1), ...(others.length ? [...others, ...totals.slice(1)] : [])];
}

/**
 * The filters of the list that a figure counts, as parts of its address. `measure` is accepted, completed or planned;
 * `column` a year or WHOLE.
 */
export function listOf({ unit, isProvince = false }, kind, column, measure, isCumulative = false) {
  const upTo = column === WHOLE ? YEARS.at(-1) : column;
  const span = column === WHOLE || isCumulative ? `..${upTo}` : String(column);
  const filters = [`kind=${kind}`, `${measure}=${span}`];
  if (!isProvince) filters.unshift(`unit=${unit}`);
  return ["projects", ...filters];
}

/** Filters as `{name: text}` of the parts of an address, `["unit=…", "kind=…"]`. */
export function filtersOf(parts) {
  return Object.fromEntries(parts.map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]));
}

const ASKED = ["enterprise", "city", "mine", "kind", "state", "overdue", "missed"];

/** What is asked of the centre for a list; the rest is chosen here. */
export function questionOf(filters) {
  const asked = new URLSearchParams();
  for (const name of ASKED) if (filters[name] !== undefined) asked.set(name, filters[name]);
  if (filters.unit !== undefined && filters.unit !== TOTAL) asked.set("unit", filters.unit);
  return `plan/projects?${asked}`.replace(/\?$/, "");
}

/** The projects of a list; `units` are those of the table, which 合计 counts. */
export function chosenOf(rows, filters, units) {
  const tests = [];
  if (filters.unit === TOTAL) tests.push((row) => units.includes(row.unit));
  if (filters.planned !== undefined) tests.push((row) => isIn(row.planned_year, filters.planned));
  for (const step of ["accepted", "completed"]) {
    if (filters[step] === undefined) continue;
    tests.push((row) => row.state !== "withdrawn" && isIn(planYear(row[`${step}_on`]), filters[step]));
  }
  if (filters.table !== undefined) tests.push((row) => countedAs(row.kind) !== null);
  if (filters.standing !== undefined) tests.push((row) => row.state !== "withdrawn");
  return rows.filter((row) => tests.every((test) => test(row)));
}

/** The year of the plan that a date counts in: the first one takes in everything earlier. */
function planYear(on) {
  return on === null ? null : Math.max(Number(on.slice(0, 4)), YEARS[0]);
}

/** Does a year lie in a span of a filter, `2022` or `..2022`? */
export function isIn(year, span) {
  if (year === null) return false;
  return span.startsWith("..") ? year <= Number(span.slice(2)) : year === Number(span);
}

export function sum(rows, name) {
  return rows.reduce((total, row) => total + (row[name] ?? 0), 0);
}
