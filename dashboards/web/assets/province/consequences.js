// What follows from the plan's outcome: mines that missed it, units with priority support, units to be notified.

import { make } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { mark } from "./marks.js";

/** Panels: mines that missed the plan, and units with their support and notices. */
export function consequences(desk) {
  const { words } = desk;
  const panel = (title, drawn) => {
    const made = new Panel(words, title);
    desk.fill(made, ["plan/consequences"], drawn);
    return made;
  };
  return {
    missed: panel(words.consequences.missed, (told) => missedNodes(told.missed_plan, desk)),
    units: panel(words.consequences.units, (told) => unitNodes(told, desk)),
  };
}

/** Mines that missed the plan of a year, and the projects by which they did. */
export function missedNodes(rows, desk) {
  const { words } = desk;
  if (!rows.length) return words.empty.missed;
  const projects = (names) =>
    make(
      "span",
      "list",
      ...names.flatMap((name, index) => [index ? words.comma : "", desk.link(name, "project", name)]),
    );
  const table = new Table(
    words,
    [
      {
        key: "mine",
        title: words.mine,
        show: (row) => desk.link(row.mine, "mine", row.mine),
        value: (row) => row.mine,
      },
      { key: "enterprise", title: words.unit, show: (row) => desk.unitText(row.enterprise) },
      {
        key: "year",
        title: words.plan.yearHead,
        number: true,
        show: (row) => String(row.year),
        value: (row) => row.year,
      },
      {
        key: "projects",
        title: words.list.title,
        show: (row) => projects(row.projects),
        value: (row) => row.projects.length,
      },
    ],
    { caption: words.consequences.missed },
  );
  table.show(rows);
  return [table.element, make("p", "note", words.consequences.missedRule)];
}

/** Units with what they lack, and whether they have priority support. */
export function unitNodes({ partial, priority_support: support, notices }, desk) {
  const { words } = desk;
  const years = [...new Set(support.map(({ year }) => year))];
  if (!years.length) return partial ? words.empty.partial : words.empty.due;
  const last = years.at(-1);
  const rows = support
    .filter(({ year }) => year === last)
    .map((each) => ({
      ...each,
      supported: each.kinds.some(({ planned_cumulative: planned }) => planned > 0) ? each.supported : null,
      notice: notices.find(({ enterprise }) => enterprise === each.enterprise) ?? null,
    }));
  const off = notices
    .filter(({ enterprise }) => !rows.some((row) => row.enterprise === enterprise))
    .map((notice) => ({ enterprise: notice.enterprise, supported: null, notice }));
  const count = (key, of, placeOf) => ({
    key,
    title: words.plan.columns[key],
    number: true,
    value: (row) => of(row.notice),
    tone: (row) => (of(row.notice) ? "over" : null),
    show: (row) => desk.figure(of(row.notice), ...placeOf(row.enterprise)),
  });
  const late = (key) => (unit) => ["projects", `unit=${unit}`, `${key}=true`, "table=1"];
  const table = new Table(
    words,
    [
      {
        key: "enterprise",
        title: words.unit,
        show: (row) => desk.link(desk.unitText(row.enterprise), "unit", row.enterprise),
        value: (row) => row.enterprise,
      },
      {
        key: "supported",
        title: words.consequences.support,
        show: (row) => supportMark(row.supported, words),
        value: (row) => String(row.supported),
      },
      count(
        "shortfall",
        (notice) => notice?.shortfall ?? 0,
        (unit) => ["unit", unit],
      ),
      count("overdue", (notice) => notice?.overdue.length ?? 0, late("overdue")),
      count("missed", (notice) => notice?.missed.length ?? 0, late("missed")),
    ],
    { caption: words.consequences.units },
  );
  table.show([...rows, ...off]);
  return [table.element, make("p", "note", words.consequences.unitRule(last))];
}

function supportMark(supported, words) {
  if (supported === null) return words.spans.none;
  return supported ? mark("disc", "within", words.consequences.yes) : mark("triangle", "calm", words.consequences.no);
}
