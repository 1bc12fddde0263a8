// One row of the plan's table: its cells year by year, its mines, its overdue projects.

import { make } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { percent } from "../common/values.js";
import { curves } from "./curves.js";
import { KINDS, WHOLE, YEARS, cellsOf, listOf } from "./counts.js";
import { stack } from "./charts.js";
import { columnText } from "./plan_table.js";
import { projectPanel } from "./project_list.js";

export function open(desk, [, name]) {
  const { words } = desk;
  const cells = new Panel(words, words.unitPlace.progress);
  desk.fill(cells, ["plan/progress", `plan/projects?unit=${encodeURIComponent(name)}`], (progress, { rows }) => {
    if (!progress.rows.some((row) => row.enterprise === name)) return words.empty.unit;
    return [cellTable(progress, name, desk), make("div", "curves", ...curves(progress, rows, [name], desk))];
  });
  const trail = [desk.link(words.tabs.table, "table")];
  const lists = [
    mines(desk, name).element,
    projectPanel(desk, words.unitPlace.overdue, `plan/projects?unit=${encodeURIComponent(name)}&overdue=true`, {
      hidden: ["unit"],
      none: words.empty.overdue,
    }).element,
  ];
  const all = desk.link(words.unitPlace.all, "projects", `unit=${name}`);
  return [desk.heading(desk.unitText(name), { trail }), cells.element, make("p", "no-print", all), ...lists];
}

/** A row for each year and kind, with all that the plan says of it. */
function cellTable(progress, unit, desk) {
  const { words } = desk;
  const cells = cellsOf(progress, unit, false);
  const rows = [...YEARS, WHOLE].flatMap((column) => KINDS.map((kind) => ({ column, kind, ...cells[column][kind] })));
  const figure = (measure) => ({
    key: measure,
    title: words.plan.measures[measure],
    number: true,
    value: (row) => row[measure],
    show: (row) =>
      row[measure] === null
        ? words.spans.none
        : desk.link(String(row[measure]), ...listOf({ unit }, row.kind, row.column, measure)),
  });
  const short = {
    key: "shortfall",
    title: words.plan.columns.shortfall,
    number: true,
    value: (row) => row.shortfall,
    show: (row) => (row.shortfall === null ? words.spans.none : String(row.shortfall)),
  };
  const late = (key) => ({
    key,
    title: words.plan.columns[key],
    number: true,
    value: (row) => row[key],
    show: (row) => desk.figure(row[key], ...listOf({ unit }, row.kind, row.column, "planned"), `${key}=true`),
  });
  const table = new Table(
    words,
    [
      { key: "column", title: words.plan.yearHead, sort: false, show: (row) => columnText(row.column, words, false) },
      { key: "kind", title: words.list.kind, sort: false, show: (row) => words.plan.kinds[row.kind] },
      ...["planned", "completed", "accepted"].map(figure),
      short,
      late("overdue"),
      late("missed"),
    ],
    { caption: words.unitPlace.progress, tone: (row) => (row.lags ? "over" : null) },
  );
  table.show(rows.filter((row) => row.planned || row.accepted || row.completed));
  return table.element;
}

function mines(desk, unit) {
  const { words } = desk;
  const panel = new Panel(words, words.unitPlace.mines);
  desk.fill(panel, ["plan/mines"], ({ rows }) => {
    const here = rows.filter((row) => row.unit === unit);
    if (!here.length) return words.empty.mines;
    const table = mineTable(desk, words.unitPlace.mines);
    table.show(here);
    return [table.element];
  });
  return panel;
}

/** A table of mines as they stand. */
function mineTable(desk, caption) {
  const { words } = desk;
  const count = (key, title, show = (row) => String(row[key])) => ({
    key,
    title,
    number: true,
    value: (row) => row[key],
    show,
  });
  const late = (key) => ({
    ...count(key, words.plan.columns[key], (row) =>
      desk.figure(row[key], "projects", `mine=${row.mine}`, `${key}=true`, "table=1"),
    ),
    tone: (row) => (row[key] ? "over" : null),
  });
  return new Table(
    words,
    [
      {
        key: "mine",
        title: words.mine,
        show: (row) => desk.link(row.mine, "mine", row.mine),
        value: (row) => row.mine,
      },
      {
        key: "city",
        title: words.groups.names.city,
        show: (row) => row.city ?? words.unknown,
        value: (row) => row.city,
      },
      {
        key: "capacity_wan_t",
        title: words.minePlace.capacity,
        number: true,
        show: (row) => row.capacity_wan_t ?? words.unknown,
        value: (row) => (row.capacity_wan_t === null ? null : Number(row.capacity_wan_t)),
      },
      { key: "classes", title: words.minePlace.classes, show: (row) => classesText(row, words) },
      count("projects", words.minePlace.projects, (row) =>
        desk.figure(row.projects, "projects", `mine=${row.mine}`, "table=1", "standing=1"),
      ),
      count("accepted", words.plan.measures.accepted, (row) =>
        desk.figure(row.accepted, "projects", `mine=${row.mine}`, `accepted=..${YEARS.at(-1)}`, "table=1"),
      ),
      late("overdue"),
      late("missed"),
      {
        key: "faces",
        title: words.minePlace.intelligent,
        number: true,
        value: (row) => row.faces_intelligent,
        show: (row) => desk.link(`${row.faces_intelligent} / ${row.faces}`, "mine", row.mine),
      },
      {
        key: "chamber_share",
        title: words.minePlace.chambers,
        number: true,
        value: (row) => row.chamber_share,
        show: (row) => chamberBar(row, desk),
      },
    ],
    { caption, key: (row) => row.mine },
  );
}

export function classesText({ classes, unknown_classes: unknown }, words) {
  const known = classes.map((id) => words.goals.classes[id] ?? id);
  const open = unknown.map((id) => `${words.goals.classes[id] ?? id}?`);
  return [...known, ...open].join(words.comma) || words.spans.none;
}

function chamberBar(row, desk) {
  const { words } = desk;
  if (!row.chambers) return words.unknown;
  const chambersOf = (count) => ["compliance", "chambers", `mine=${row.mine}`, `count=${count}`];
  const parts = [
    { count: row.chambers_at_level, tone: "within", word: words.minePlace.atLevel },
    { count: row.chambers - row.chambers_at_level, tone: "calm", word: words.minePlace.notAtLevel },
  ];
  return make(
    "span",
    "with-bar",
    make(
      "span",
      "",
      desk.figure(row.chambers_at_level, ...chambersOf("declared")),
      " / ",
      desk.figure(row.chambers, ...chambersOf("chambers")),
    ),
    stack(parts, percent(row.chamber_share) ?? ""),
  );
}
