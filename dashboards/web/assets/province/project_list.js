// The projects behind a figure: what was asked for in words, how many there are, and each of them.

import { make } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { TOTAL, chosenOf, filtersOf, isIn, questionOf, sum, unitsOf } from "./counts.js";
import { stateMark } from "./marks.js";

const STEPS = ["in_library_on", "started_on", "completed_on", "accepted_on"];

export function open(desk, parts) {
  const { words } = desk;
  const filters = filtersOf(parts.slice(1));
  const panel = new Panel(words, words.list.title);
  desk.fill(panel, [questionOf(filters), "plan/progress"], ({ rows }, progress) => {
    const found = chosenOf(rows, filters, unitsOf(progress).on);
    panel.heading.textContent = words.list.count(found.length);
    if (!found.length) return words.empty.list;
    const table = projectTable(desk, filtered(filters, desk), { hidden: saidBy(filters) });
    table.show(found);
    panel.element.querySelector(".actions").replaceChildren(table.csvButton(() => fileName(desk, words.list.title)));
    const planned = plannedBy(progress, filters);
    return [...(planned === null ? [] : [make("p", "note", words.list.planned(planned, found.length))]), table.element];
  });
  return [desk.heading(filtered(filters, desk), { trail: [desk.link(words.tabs.table, "table")] }), panel.element];
}

/** What the plan's table asks for where a list stands behind one of its figures, else null. */
function plannedBy(progress, { unit, kind, planned: span, overdue, missed }) {
  if (span === undefined || overdue || missed) return null;
  const isMeant = (row) => row.enterprise === unit && (kind === undefined || row.kind === kind);
  const rows = [...progress.rows, ...progress.totals].filter(
    (row) => isMeant(row) && row.planned !== null && isIn(row.year, span),
  );
  return rows.length ? sum(rows, "planned") : null;
}

/** The columns that the filters say already. */
function saidBy({ unit, mine, kind }) {
  return [
    unit && unit !== TOTAL && "unit",
    mine && "unit",
    mine && "mine",
    kind && kind !== "driving_face" && "kind",
  ].filter(Boolean);
}

/** The name of a file that is kept. */
export function fileName(desk, title) {
  return `${desk.isDemo ? `${desk.words.demo(1)}-` : ""}${title}-${desk.day}`;
}

/** What the filters say in words. */
function filtered(filters, desk) {
  const { words } = desk;
  const said = [];
  if (filters.unit) said.push(filters.unit === TOTAL ? words.list.six : desk.unitText(filters.unit));
  for (const name of ["enterprise", "city", "mine"]) if (filters[name]) said.push(desk.unitText(filters[name]));
  if (filters.kind) said.push(words.plan.kinds[filters.kind] ?? filters.kind);
  for (const name of ["accepted", "completed", "planned"])
    if (filters[name]) said.push(words.list.spans[name](spanText(filters[name], words)));
  if (filters.state) said.push(words.states[filters.state] ?? filters.state);
  for (const name of ["overdue", "missed"]) if (filters[name]) said.push(words.plan.columns[name]);
  return said.length ? said.join(" · ") : words.list.title;
}

function spanText(span, words) {
  return span.startsWith("..") ? words.plan.upTo(span.slice(2)) : words.plan.year(span);
}

/** A table of projects; `hidden` names columns that need no place. */
export function projectTable(desk, caption, { hidden = [], sorted = null } = {}) {
  const { words } = desk;
  const date = (key) => ({
    key,
    title: words.steps[key],
    show: (row) => row[key] ?? words.spans.none,
    value: (row) => row[key],
  });
  const columns = [
    {
      key: "project",
      title: words.list.project,
      show: (row) => desk.link(row.project, "project", row.project),
      value: (row) => row.project,
    },
    {
      key: "unit",
      title: words.unit,
      show: (row) => desk.link(desk.unitText(row.unit), "unit", row.unit),
      value: (row) => row.unit,
    },
    {
      key: "mine",
      title: words.mine,
      show: (row) => (row.mine === null ? words.spans.none : desk.link(row.mine, "mine", row.mine)),
      value: (row) => row.mine,
    },
    { key: "kind", title: words.list.kind, show: (row) => words.kinds[row.kind] },
    {
      key: "planned_year",
      title: words.list.plannedYear,
      number: true,
      show: (row) => String(row.planned_year),
      value: (row) => row.planned_year,
    },
    {
      key: "state",
      title: words.list.state,
      show: (row) => stateMark(row, words),
      value: (row) => words.states[row.state],
    },
    ...STEPS.map(date),
    {
      key: "investment_wan",
      title: words.list.investment,
      number: true,
      show: (row) => row.investment_wan ?? words.spans.none,
      value: (row) => (row.investment_wan === null ? null : Number(row.investment_wan)),
    },
  ];
  return new Table(
    words,
    columns.filter(({ key }) => !hidden.includes(key)),
    {
      caption,
      sorted,
      key: (row) => row.project,
    },
  );
}

/** A list of projects as a panel: for places that show those of a mine or a unit. */
export function projectPanel(desk, title, question, { none = desk.words.empty.projects, ...options } = {}) {
  const panel = new Panel(desk.words, title);
  desk.fill(panel, [question], ({ rows }) => {
    if (!rows.length) return none;
    const table = projectTable(desk, title, options);
    table.show(rows);
    return [make("p", "note", desk.words.list.count(rows.length)), table.element];
  });
  return panel;
}
