// The targets of the plan's text beside the plan's table: what is counted, and what the registry measures.

import { make } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { percent } from "../common/values.js";
import { bullet } from "./charts.js";
import { TOTAL, listOf } from "./counts.js";
import { facts } from "./desk.js";
import { goalMark, mark } from "./marks.js";

const COUNTED = /^(mining_face|driving_face|demonstration_mine)_(\d{4})$/;

/** A goal's kind and year where it is one of the counted ones, else null. */
function countedGoal(id) {
  const found = COUNTED.exec(id);
  return found === null ? null : { kind: found[1], year: Number(found[2]) };
}

export function open(desk) {
  const { words } = desk;
  const counted = new Panel(words, words.goals.counted);
  desk.fill(counted, ["plan/targets", "plan/outlook"], (told, outlook) => countedGoals(told, outlook, desk));
  const measured = new Panel(words, words.goals.measured);
  const details = make("div", "packed");
  desk.fill(measured, ["plan/targets"], (told) => {
    details.replaceChildren(...measuredPanels(told, desk));
    return [measuredGoals(told, desk), ...(desk.isProvince ? [make("p", "note", words.goals.measuredRule)] : [])];
  });
  const note = desk.isProvince ? "" : words.goals.askedOnly;
  return [desk.heading(words.goals.title, { note }), counted.element, measured.element, details];
}

/** What is asked of the province; how far it has come is told to people of the whole province. */
const ASKED = ["goal", "by", "text", "table"];

function shown(columns, { isProvince }) {
  return isProvince ? columns : columns.filter(({ key }) => ASKED.includes(key));
}

/** The counted goals, with the forecast of the years that are not over. */
export function countedGoals(told, outlook, desk) {
  const { words } = desk;
  const rows = told.goals
    .map((goal) => ({ ...goal, ...countedGoal(goal.id) }))
    .filter(({ kind }) => kind !== undefined);
  const expected = ({ kind, year }) =>
    outlook.forecast.find((each) => each.kind === kind && each.year === year)?.expected ?? null;
  const list = (measure) => (row) =>
    desk.link(String(row[measure]), "projects", `kind=${row.kind}`, `${measure}=..${row.year}`);
  const columns = [
    { key: "goal", title: words.goals.goal, sort: false, show: (row) => `${row.year} ${words.plan.kinds[row.kind]}` },
    { key: "text", title: words.goals.text, number: true, sort: false, show: (row) => rangeText(row) },
    {
      key: "table",
      title: words.goals.table,
      number: true,
      sort: false,
      show: (row) =>
        desk.isProvince
          ? desk.figure(row.table, ...listOf({ unit: TOTAL }, row.kind, row.year, "planned", true))
          : String(row.table),
    },
    { key: "accepted", title: words.plan.measures.accepted, number: true, sort: false, show: list("accepted") },
    { key: "completed", title: words.plan.measures.completed, number: true, sort: false, show: list("completed") },
    {
      key: "expected",
      title: words.goals.expected,
      number: true,
      sort: false,
      show: (row) => (expected(row) === null ? words.spans.none : String(expected(row))),
    },
    {
      key: "bar",
      title: words.goals.way,
      sort: false,
      csv: false,
      show: (row) => goalBar(row, words),
    },
    { key: "status", title: words.goals.status, sort: false, show: (row) => goalMark(row.status, words) },
  ];
  const table = new Table(words, shown(columns, desk), {
    caption: words.goals.counted,
    tone: (row) => (row.status === "not_met" ? "over" : null),
  });
  table.show(rows);
  return [table.element, make("p", "note", words.goals.countedRule)];
}

/** `8–10`, `≥ 50`. */
export function rangeText({ text_low: low, text_high: high }) {
  return high === null ? `≥ ${low}` : `${low}–${high}`;
}

function goalBar({ accepted, completed, text_low: low, text_high: high, table, status }, words) {
  const whole = Math.max(table, high ?? low, completed, 1);
  const parts = { done: accepted / whole, waiting: completed / whole, due: low / whole, lags: status === "not_met" };
  return bullet(parts, words.goals.bar(accepted, completed, low, table));
}

/** The goals that rest on the registry, as rows. */
export function measuredGoals(told, desk) {
  const { words } = desk;
  const rows = told.goals.filter(({ id }) => countedGoal(id) === null);
  const number = (value) => (value === null ? words.spans.none : value.toLocaleString("en-US"));
  const columns = [
    { key: "goal", title: words.goals.goal, sort: false, show: (row) => words.goals.names[row.id] ?? row.id },
    { key: "by", title: words.goals.by, sort: false, show: (row) => row.by },
    { key: "needed", title: words.goals.needed, number: true, sort: false, show: (row) => number(row.text_low) },
    { key: "have", title: words.goals.have, number: true, sort: false, show: (row) => number(row.accepted) },
    { key: "status", title: words.goals.status, sort: false, show: (row) => goalMark(row.status, words) },
  ];
  const tones = { not_met: "over", not_measured: "unknown", ambiguous: "unknown" };
  const table = new Table(words, shown(columns, desk), {
    caption: words.goals.measured,
    tone: (row) => (desk.isProvince ? (tones[row.status] ?? null) : null),
  });
  table.show(rows);
  return table.element;
}

function measuredPanels({ measured }, desk) {
  if (measured === null) return [];
  const { words } = desk;
  const panel = (title, ...nodes) => {
    const made = new Panel(words, title);
    made.show(...nodes);
    return made.element;
  };
  return [
    ...measured.mandatory.map((each) => panel(words.goals.names[each.id] ?? each.id, ...mandatory(each, desk))),
    panel(words.goals.names.chambers_2022, ...chambers(measured.chambers, desk)),
    panel(words.goals.names.workforce_2023, ...workforce(measured.workforce, words)),
    panel(words.goals.names.efficiency_2023, ...efficiency(measured.efficiency, words)),
    panel(words.goals.names.robots_2023, make("p", "", words.goals.robots(measured.robots))),
  ];
}

function mandatory(of, desk) {
  const { words } = desk;
  const told = facts(
    [
      [words.goals.mines, String(of.mines)],
      [words.goals.faces, String(of.faces)],
      [words.plan.measures.accepted, String(of.accepted)],
      [words.plan.measures.completed, String(of.completed)],
    ],
    words,
  );
  return [told, ...lacking(of, desk), ...unclear(of, words)];
}

function lacking(of, desk) {
  const { words } = desk;
  if (!of.lacking.length) return [];
  const table = new Table(
    words,
    [
      { key: "title", title: words.evidence.face, show: (row) => row.title },
      {
        key: "mine",
        title: words.mine,
        show: (row) => desk.link(row.mine, "mine", row.mine),
        value: (row) => row.mine,
      },
      {
        key: "project",
        title: words.list.project,
        show: (row) => (row.project === null ? words.goals.noProject : desk.link(row.project, "project", row.project)),
        value: (row) => row.project,
      },
      {
        key: "completed",
        title: words.list.state,
        show: (row) => (row.completed ? words.goals.waits : words.goals.open),
      },
    ],
    { caption: words.goals.lacking(of.lacking.length) },
  );
  table.show(of.lacking);
  return [make("p", "", mark("triangle", "over", words.goals.lacking(of.lacking.length))), table.element];
}

function unclear(of, words) {
  const said = [];
  if (of.mines_without_faces.length) said.push(words.goals.withoutFaces(of.mines_without_faces.join(words.comma)));
  if (of.mines_of_unknown_class.length)
    said.push(words.goals.unknownClass(of.mines_of_unknown_class.join(words.comma)));
  return said.map((text) => make("p", "", mark("question", "unknown", text)));
}

function chambers(of, desk) {
  const { words } = desk;
  const told = facts(
    [
      [words.goals.chambers, String(of.total.chambers)],
      [words.levels.unattended, String(of.total.unattended)],
      [words.levels.central_control, String(of.total.central_control)],
      [words.minePlace.undeclared, String(of.total.undeclared)],
      [
        words.goals.share,
        `${percent(of.total.share) ?? words.unknown} (${words.goals.shareGoal(percent(of.share_goal))})`,
      ],
    ],
    words,
  );
  const rows = of.mines.filter(({ lacking: titles }) => titles.length);
  const nodes = [told];
  if (rows.length) {
    const table = new Table(
      words,
      [
        {
          key: "mine",
          title: words.mine,
          show: (row) => desk.link(row.mine, "mine", row.mine),
          value: (row) => row.mine,
        },
        {
          key: "share",
          title: words.goals.share,
          number: true,
          show: (row) => percent(row.share) ?? words.unknown,
          value: (row) => row.share,
        },
        {
          key: "lacking",
          title: words.goals.lackingChambers,
          show: (row) => row.lacking.join(words.comma),
          value: (row) => row.lacking.length,
        },
      ],
      { caption: words.goals.names.chambers_2022, sorted: ["share", "ascending"] },
    );
    table.show(rows);
    nodes.push(table.element);
  }
  if (of.mines_without_chambers.length)
    nodes.push(
      make(
        "p",
        "",
        mark("question", "unknown", words.goals.withoutChambers(of.mines_without_chambers.join(words.comma))),
      ),
    );
  return [...nodes, make("p", "note", words.goals.declaredRule)];
}

function workforce(of, words) {
  const people = (value) => (value === null ? null : words.people(value.toLocaleString("en-US")));
  const told = facts(
    [
      [words.goals.base, people(of.base)],
      [words.goals.staff(of.year), people(of.staff)],
      [words.goals.reduction, people(of.reduction)],
    ],
    words,
  );
  return [told, ...missing(of, words), make("p", "note", words.goals.workforceRule)];
}

function efficiency(of, words) {
  const tons = (value) => (value === null ? null : `${value.toFixed(2)} ${words.goals.tons}`);
  const reading = (met) => (met === null ? null : words.goals.readings[met]);
  const told = facts(
    [
      [words.goals.base, tons(of.base_t)],
      [words.goals.ofYear(of.year), tons(of.efficiency_t)],
      [words.goals.ratio, of.ratio === null ? null : of.ratio.toFixed(3)],
      [words.goals.readingA, reading(of.reading_a_met)],
      [words.goals.readingB, reading(of.reading_b_met)],
    ],
    words,
  );
  return [told, ...missing(of, words)];
}

function missing(of, words) {
  const names = [...new Set([...of.lacking_base, ...of.lacking])];
  return names.length
    ? [make("p", "", mark("question", "unknown", words.goals.noFigures(names.join(words.comma))))]
    : [];
}
