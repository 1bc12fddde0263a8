// The plan table as a place: how it is read, what it says, and the same counted by owner, city or mine.

import { make } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { KINDS, YEARS, countedAs, sum } from "./counts.js";
import { choices } from "./desk.js";
import { planTable } from "./plan_table.js";

const GROUPS = ["enterprise", "city", "mine"];

export function open(desk, parts) {
  const { words } = desk;
  const isCumulative = parts[1] === "cumulative";
  const reading = choices(
    words.plan.reading,
    [
      ["", words.plan.byYear],
      ["cumulative", words.plan.cumulative],
    ],
    parts[1] ?? "",
    (value) => desk.go("table", value || null),
  );
  const table = new Panel(words, isCumulative ? words.plan.titleCumulative : words.plan.titleByYear, [reading]);
  desk.fill(table, ["plan/progress", "plan/outlook"], (progress, outlook) => {
    if (!progress.rows.length) return words.empty.partial;
    return [planTable(progress, desk, { isCumulative, atRisk: risksOf(outlook) }), legend(words)];
  });
  return [desk.heading(words.plan.title), table.element, groups(desk).element];
}

/** Projects at risk as the table counts them: `{unit, kind, year}`. */
function risksOf(outlook) {
  return outlook.at_risk.map((each) => ({
    unit: each.enterprise,
    kind: countedAs(each.kind),
    year: each.planned_year,
  }));
}

function legend(words) {
  const marks = [
    ["▲", "lags"],
    ["△", "atRisk"],
    ["(n)", "completed"],
    ["–", "none"],
  ];
  const items = marks.map(([mark, word]) =>
    make("li", word === "lags" ? "fault" : "", `${mark} ${words.plan.legend[word]}`),
  );
  return make("div", "note", make("ul", "legend", ...items), make("p", "", words.plan.rules));
}

function groups(desk) {
  const { words } = desk;
  let by = GROUPS[0];
  const panel = new Panel(words, words.groups.title, [
    choices(
      words.groups.by,
      GROUPS.map((each) => [each, words.groups.names[each]]),
      by,
      (value) => {
        by = value;
        show();
      },
    ),
  ]);
  const show = () =>
    desk.fill(panel, [`plan/groups?by=${by}`], ({ rows }) => {
      const grouped = groupRows(rows);
      if (!grouped.length) return words.empty.projects;
      const table = new Table(words, groupColumns(desk, by), {
        caption: words.groups.title,
        key: (row) => row.group ?? "",
      });
      table.show(grouped);
      return [table.element];
    });
  show();
  return panel;
}

/** A row for each group over all years, with a cell for each kind. */
function groupRows(rows) {
  const groups = [...new Set(rows.map(({ group }) => group))];
  return groups.map((group) => {
    const of = rows.filter((row) => row.group === group);
    const kinds = Object.fromEntries(
      KINDS.map((kind) => {
        const ofKind = of.filter((row) => row.kind === kind);
        return [
          kind,
          {
            accepted: ofKind.at(-1).accepted_cumulative,
            completed: ofKind.at(-1).completed_cumulative,
            planned: sum(ofKind, "planned"),
          },
        ];
      }),
    );
    return { group, kinds, overdue: sum(of, "overdue"), missed: sum(of, "missed") };
  });
}

function groupColumns(desk, by) {
  const { words } = desk;
  const filter = ({ group }) => `${by}=${group}`;
  const name = (row) => {
    if (row.group === null) return words.groups.unregistered;
    return by === "mine"
      ? desk.link(row.group, "mine", row.group)
      : desk.link(desk.unitText(row.group), "projects", filter(row), "table=1");
  };
  const count = (row, figure, ...filters) =>
    row.group === null || figure === 0
      ? String(figure)
      : desk.link(String(figure), "projects", filter(row), ...filters);
  const ofKind = (kind) => ({
    key: kind,
    title: words.plan.kinds[kind],
    number: true,
    value: (row) => row.kinds[kind].accepted,
    show: (row) => {
      const { accepted, planned } = row.kinds[kind];
      if (!accepted && !planned) return words.plan.none;
      return make(
        "span",
        "",
        count(row, accepted, `kind=${kind}`, `accepted=..${YEARS.at(-1)}`),
        " / ",
        count(row, planned, `kind=${kind}`, `planned=..${YEARS.at(-1)}`),
      );
    },
  });
  const mark = (key) => ({
    key,
    title: words.plan.columns[key],
    number: true,
    value: (row) => row[key],
    tone: (row) => (row[key] > 0 ? "over" : null),
    show: (row) => count(row, row[key], `${key}=true`, "table=1"),
  });
  return [
    { key: "group", title: words.groups.names[by], show: name },
    ...KINDS.map(ofKind),
    mark("overdue"),
    mark("missed"),
  ];
}
