// The plan's table in its own layout, with actuals: accepted / planned (completed), a thin bar, a mark where it lags.
// Every figure is a link to the list that it counts.

import { make, setAttribute, spoken } from "../common/element.js";
import { placeLink } from "../common/places.js";
import { Symbol } from "../common/symbols.js";
import { KINDS, TOTAL, WHOLE, YEARS, listOf, tableRows } from "./counts.js";

/** The table of a progress answer; `isCumulative` reads the years cumulatively, `isStill` leaves the links out. */
export function planTable(progress, desk, { isCumulative = false, isStill = false, atRisk = [] } = {}) {
  const { words } = desk;
  const columns = [...YEARS, WHOLE];
  const rows = tableRows(progress, isCumulative);
  const context = { desk, words, isCumulative, isStill, atRisk };
  const caption = make("caption", "spoken", `${words.plan.title} ${words.plan.asOf(progress.as_of)}`);
  const table = make("table", "plan", caption, head(columns, context), body(rows, columns, context));
  const wide = make("div", "wide", table);
  wide.tabIndex = 0;
  wide.setAttribute("role", "region");
  wide.setAttribute("aria-label", words.plan.title);
  return wide;
}

function head(columns, { words, isCumulative }) {
  const corner = make("th", "corner", words.unit);
  corner.scope = "col";
  corner.rowSpan = 2;
  const years = columns.map((column) => {
    const cell = make("th", "year", columnText(column, words, isCumulative));
    cell.scope = "colgroup";
    cell.colSpan = KINDS.length;
    return cell;
  });
  const kinds = columns.flatMap(() =>
    KINDS.map((kind, index) => {
      const cell = make("th", index === 0 ? "first" : "", words.plan.heads[kind]);
      cell.scope = "col";
      return cell;
    }),
  );
  return make("thead", "", make("tr", "", corner, ...years), make("tr", "", ...kinds));
}

/** What a column is called. */
export function columnText(column, words, isCumulative) {
  if (column === WHOLE) return words.plan.whole;
  return isCumulative ? words.plan.upTo(column) : words.plan.year(column);
}

function body(rows, columns, context) {
  return make("tbody", "", ...rows.map((row) => unitRow(row, columns, context)));
}

function unitRow(row, columns, context) {
  const { desk, isStill } = context;
  const name = make("th", "unit");
  const shown = desk.unitText(row.unit);
  name.append(row.isTotal || isStill ? shown : placeLink(shown, "unit", row.unit));
  name.scope = "row";
  if (shown !== row.unit) name.title = row.unit;
  const cells = columns.flatMap((column) =>
    KINDS.map((kind, index) => planCell(row, column, kind, index === 0, context)),
  );
  return make("tr", row.isTotal ? "total" : "", name, ...cells);
}

function planCell(row, column, kind, isFirst, context) {
  const { words } = context;
  const cell = row.cells[column][kind];
  const box = make("td", isFirst ? "cell first" : "cell");
  if (!cell.planned && !cell.accepted && !cell.completed) {
    box.append(make("span", "none", words.plan.none), spoken(words.plan.notPlanned));
    return box;
  }
  const risks = context.atRisk.filter(
    (each) => each.unit === row.unit && each.kind === kind && each.year === Number(column),
  ).length;
  setAttribute(box, "data-tone", cell.lags ? "over" : null);
  setAttribute(box, "title", hintOf(cell, risks, words));
  box.append(figures(row, column, kind, cell, context), bar(cell));
  if (risks > 0) box.firstChild.prepend(make("span", "risk", "△"), spoken(words.plan.risk(risks)));
  if (cell.lags) box.firstChild.prepend(mark(words));
  return box;
}

function mark(words) {
  const symbol = new Symbol();
  symbol.show("triangle");
  return make("span", "mark", symbol.element, spoken(words.plan.lags));
}

function hintOf(cell, risks, words) {
  const said = [];
  if (cell.lags && cell.shortfall) said.push(words.plan.short(cell.shortfall));
  if (cell.overdue) said.push(words.plan.overdue(cell.overdue));
  if (risks) said.push(words.plan.risk(risks));
  return said.length ? said.join(words.comma) : null;
}

function figures(row, column, kind, cell, context) {
  const figure = (measure, value, className) => {
    const text = String(value);
    const node = context.isStill ? make("span", className, text) : linkTo(row, column, kind, measure, text, context);
    node.className = className;
    return node;
  };
  const parts = [figure("accepted", cell.accepted, "accepted")];
  const isOff = cell.planned === null;
  parts.push(
    make("span", "planned", " / ", isOff ? context.words.plan.none : figure("planned", cell.planned, "planned")),
  );
  if (cell.completed !== cell.accepted)
    parts.push(make("span", "completed", "(", figure("completed", cell.completed, "completed"), ")"));
  return make("span", "figures", ...parts);
}

function linkTo(row, column, kind, measure, text, { desk, words, isCumulative }) {
  const isProvince = row.isTotal && row.unit !== TOTAL;
  const link = placeLink(text, ...listOf({ unit: row.unit, isProvince }, kind, column, measure, isCumulative));
  const of = [
    desk.unitText(row.unit),
    words.plan.kinds[kind],
    columnText(column, words, isCumulative),
    words.plan.measures[measure],
  ];
  link.setAttribute("aria-label", `${of.join(" ")} ${text}`);
  return link;
}

/** Accepted, and behind it completed, of what is planned. */
function bar({ accepted, completed, planned }) {
  const share = (count) => (planned ? Math.min(1, count / planned) : Number(count > 0));
  const node = make("span", "bar");
  node.style.setProperty("--accepted", `${(share(accepted) * 100).toFixed(1)}%`);
  node.style.setProperty("--completed", `${(share(completed) * 100).toFixed(1)}%`);
  return node;
}
