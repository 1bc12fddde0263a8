// The state of the province in five minutes: the figures that matter with the lists behind them, who lags, which
// acceptances are in doubt, how units grew beside their plan, and what follows.

import { make } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { KINDS, TOTAL, listOf, sum, unitsOf, yearOf } from "./counts.js";
import { bullet } from "./charts.js";
import { curves } from "./curves.js";
import { keyFigures } from "./key_figures.js";
import { mark } from "./marks.js";
import { consequences } from "./consequences.js";
import { doubtful, late } from "./watch_lists.js";

export function open(desk) {
  const { words } = desk;
  const { missed, units } = consequences(desk);
  const lists = make(
    "div",
    "columns",
    make("div", "stacked", late(desk).element, units.element),
    make("div", "stacked", doubtful(desk).element, missed.element),
  );
  const top = [desk.heading(titleOf(desk)), beginning(desk), keyFigures(desk), lists];
  if (!desk.isProvince) return [...top, growth(desk).element];
  return [...top, ranking(desk).element, growth(desk).element, forecast(desk).element];
}

function titleOf({ words, session, isProvince }) {
  const { kind, of } = session.person.scope;
  if (isProvince) return words.overview.title;
  return kind === "mine" ? words.overview.titleOfMine : words.overview.titleOf(of); // a mine's scope is its code
}

/** Where there are no projects yet: what to do first. */
function beginning(desk) {
  const { words } = desk;
  const box = make("div", "beginning");
  desk.plan("plan/projects").then(({ ok, data }) => {
    if (!ok || data.rows.length) return;
    const panel = new Panel(words, words.empty.projects[0]);
    panel.show(
      make("p", "", words.empty.projects[1]),
      make("p", "controls", desk.link(words.tabs.data, "data"), desk.link(words.tabs.import, "import")),
    );
    box.append(panel.element);
  });
  return box;
}

/** Units by what they have of what is planned up to this year, the best first. */
function ranking(desk) {
  const { words } = desk;
  const panel = new Panel(words, words.overview.ranking);
  desk.fill(panel, ["plan/progress"], (progress) => {
    const rows = ranked(progress);
    if (!rows.length) return words.empty.partial;
    panel.heading.textContent = words.overview.rankingTo(yearOf(progress.as_of));
    const table = new Table(words, rankingColumns(desk, yearOf(progress.as_of)), {
      caption: words.overview.ranking,
      key: (row) => row.unit,
    });
    table.show(rows);
    return [table.element, make("p", "note", words.overview.rankingRule)];
  });
  return panel;
}

/** The units of the table with their sums over the kinds: `{rank, unit, accepted, planned, rate, due, lags, …}`. */
export function ranked(progress) {
  const year = yearOf(progress.as_of);
  const rows = unitsOf(progress).on.map((unit) => {
    const own = progress.rows.filter((row) => row.enterprise === unit);
    const current = own.filter((row) => row.year === year);
    const due = own.filter(
      (row) => row.due && row.year === Math.max(...own.filter((each) => each.due).map((each) => each.year)),
    );
    const planned = sum(current, "planned_cumulative");
    return {
      unit,
      planned,
      accepted: sum(current, "accepted_cumulative"),
      completed: sum(current, "completed_cumulative"),
      rate: planned ? sum(current, "accepted_cumulative") / planned : null,
      due: due.length ? sum(due, "planned_cumulative") : null,
      shortfall: sum(due, "shortfall"),
      overdue: sum(own, "overdue"),
      missed: sum(own, "missed"),
      lags: KINDS.some((kind) => {
        const wanted = due.find((row) => row.kind === kind)?.planned_cumulative ?? 0;
        return (current.find((row) => row.kind === kind)?.accepted_cumulative ?? 0) < wanted;
      }),
    };
  });
  rows.sort((a, b) => (b.rate ?? -1) - (a.rate ?? -1));
  return rows.map((row) => ({
    ...row,
    rank: row.rate === null ? null : 1 + rows.filter((other) => other.rate > row.rate).length,
  }));
}

function rankingColumns(desk, year) {
  const { words } = desk;
  const list = (row, figure, ...filters) => desk.figure(figure, "projects", `unit=${row.unit}`, ...filters);
  const late = (key) => ({
    key,
    title: words.plan.columns[key],
    number: true,
    value: (row) => row[key],
    tone: (row) => (row[key] ? "over" : null),
    show: (row) => list(row, row[key], `${key}=true`, "table=1"),
  });
  return [
    {
      key: "unit",
      title: words.unit,
      show: (row) =>
        make(
          "span",
          "",
          make("span", "rank", row.rank === null ? words.spans.none : String(row.rank)),
          desk.link(desk.unitText(row.unit), "unit", row.unit),
        ),
      value: (row) => row.unit,
    },
    {
      key: "rate",
      title: words.overview.rate,
      number: true,
      value: (row) => row.rate,
      show: (row) => (row.rate === null ? words.spans.none : `${(row.rate * 100).toFixed(1)} %`),
    },
    { key: "bar", title: words.overview.bar, sort: false, csv: false, show: (row) => unitBar(row, words) },
    {
      key: "accepted",
      title: words.plan.measures.accepted,
      number: true,
      value: (row) => row.accepted,
      show: (row) => list(row, row.accepted, `accepted=..${year}`, "table=1"),
    },
    {
      key: "completed",
      title: words.plan.measures.completed,
      number: true,
      value: (row) => row.completed,
      show: (row) => list(row, row.completed, `completed=..${year}`, "table=1"),
    },
    {
      key: "planned",
      title: words.plan.measures.planned,
      number: true,
      value: (row) => row.planned,
      show: (row) => list(row, row.planned, `planned=..${year}`, "table=1"),
    },
    { key: "lags", title: words.overview.state, value: (row) => Number(row.lags), show: (row) => dueMark(row, words) },
    late("overdue"),
    late("missed"),
  ];
}

/** How it stands now with what is due already. */
function dueMark({ due, lags }, words) {
  if (!due) return mark("square", "unjudged", words.overview.nothingDue);
  return lags ? mark("triangle", "over", words.overview.lags) : mark("disc", "within", words.overview.inTime);
}

function unitBar(row, words) {
  if (!row.planned) return words.spans.none;
  const parts = {
    done: row.accepted / row.planned,
    waiting: row.completed / row.planned,
    due: row.due === null ? null : row.due / row.planned,
    lags: row.lags,
  };
  return bullet(parts, words.overview.barSaid(row));
}

function growth(desk) {
  const { words } = desk;
  const panel = new Panel(words, words.overview.growth);
  desk.fill(panel, ["plan/progress", "plan/projects"], (progress, { rows }) => {
    const units = unitsOf(progress).on;
    if (!units.length) return words.empty.partial;
    const lines = units.map((unit) =>
      make(
        "div",
        "multiple",
        make("h3", "", desk.link(desk.unitText(unit), "unit", unit)),
        make("div", "curves", ...curves(progress, rows, [unit], desk)),
      ),
    );
    return [make("div", "multiples", ...lines), make("p", "note", words.overview.growthRule)];
  });
  return panel;
}

/** What is to be expected at the years' ends, and the paces that this assumes. */
function forecast(desk) {
  const { words } = desk;
  const panel = new Panel(words, words.overview.forecast);
  desk.fill(panel, ["plan/outlook", "plan/targets"], (outlook, targets) => {
    if (!outlook.forecast.length) return words.empty.forecast;
    return forecastNodes(outlook, targets, desk);
  });
  return panel;
}

/** The forecast beside the targets, with its assumptions. */
export function forecastNodes(outlook, targets, desk) {
  const { words } = desk;
  const goal = ({ kind, year }) => targets.goals.find(({ id }) => id === `${kind}_${year}`);
  const table = new Table(
    words,
    [
      { key: "kind", title: words.list.kind, sort: false, show: (row) => `${row.year} ${words.plan.kinds[row.kind]}` },
      {
        key: "accepted",
        title: words.overview.now,
        number: true,
        sort: false,
        show: (row) => desk.figure(row.accepted, "projects", `kind=${row.kind}`, `accepted=..${row.year}`),
      },
      {
        key: "expected",
        title: words.overview.expected,
        number: true,
        sort: false,
        tone: (row) => (row.expected !== null && row.expected < (goal(row)?.text_low ?? 0) ? "over" : null),
        show: (row) => (row.expected === null ? words.unknown : String(row.expected)),
      },
      { key: "text", title: words.goals.text, number: true, sort: false, show: (row) => lowText(goal(row)) },
      {
        key: "table",
        title: words.goals.table,
        number: true,
        sort: false,
        show: (row) =>
          goal(row)
            ? desk.figure(goal(row).table, ...listOf({ unit: TOTAL }, row.kind, row.year, "planned", true))
            : words.spans.none,
      },
    ],
    { caption: words.overview.forecast },
  );
  table.show(outlook.forecast);
  const paces = outlook.paces.map(({ kind, completed, build_days: build, inspection_days: inspection }) =>
    make(
      "li",
      "",
      build === null || inspection === null
        ? words.overview.noPace(words.plan.kinds[kind], completed)
        : words.overview.pace(words.plan.kinds[kind], completed, build, inspection),
    ),
  );
  const note = make("div", "note", make("p", "", words.overview.forecastRule), make("ul", "", ...paces));
  return [table.element, note];
}

function lowText(goal) {
  return goal ? `≥ ${goal.text_low}` : "";
}
