// Leagues: units or mines ranked by their staffing or their chambers, with the parts that a share is made of.

import { make } from "../common/element.js";
import { Table } from "../common/table.js";
import { percent } from "../common/values.js";
import { stack, stackLegend } from "./charts.js";
import { tallyParts } from "./face_table.js";

/** One league as a table: `which` staffing or chambers, `of` units or mines, over the time since `from`. */
export function leagueTable(rows, which, of, desk, from) {
  const { words } = desk;
  const listOf = (row) => (of === "units" ? `unit=${row.enterprise}` : `mine=${row.mine}`);
  const rank = (row) => make("span", "rank", row.rank === null ? words.spans.none : String(row.rank));
  const name = (row) =>
    of === "units"
      ? desk.link(desk.unitText(row.enterprise), "unit", row.enterprise)
      : desk.link(row.mine, "mine", row.mine);
  const first = {
    key: "name",
    title: of === "units" ? words.unit : words.mine,
    show: (row) => make("span", "", rank(row), name(row)),
    value: (row) => row.mine ?? row.enterprise,
  };
  const unit = {
    key: "unit",
    title: words.unit,
    show: (row) => desk.unitText(row.enterprise),
    value: (row) => row.enterprise,
  };
  const columns = [
    first,
    ...(of === "mines" ? [unit] : []),
    shareColumn(which, words),
    ...(which === "staffing" ? staffingColumns(desk, listOf, from) : chamberColumns(desk, listOf)),
  ];
  const table = new Table(words, columns, {
    caption: `${words.compliance.titles[which]} ${words.compliance.leagues[of]}`,
    key: (row) => `${row.enterprise}/${row.mine}`,
    tone: (row) => (row.share === null ? "unknown" : null),
  });
  table.show(rows);
  return table.element;
}

function shareColumn(which, words) {
  return {
    key: "share",
    title: words.compliance.shares[which],
    number: true,
    value: (row) => row.share,
    show: (row) => percent(row.share) ?? words.noData,
  };
}

function staffingColumns(desk, listOf, from) {
  const { words } = desk;
  const faces = (row, count, ...filters) => desk.figure(count, "compliance", "evidence", listOf(row), ...filters);
  const count = (key) => ({
    key,
    title: words.verdicts[key],
    number: true,
    value: (row) => row.shifts?.[key] ?? null,
    show: (row) => String(row.shifts?.[key] ?? words.spans.none),
  });
  return [
    {
      key: "bar",
      title: words.evidence.tally,
      sort: false,
      csv: false,
      show: (row) => (row.shifts === null ? words.noData : stack(tallyParts(row.shifts, words))),
    },
    ...["within", "exceeded", "no_verdict"].map(count),
    {
      key: "faces",
      title: words.compliance.faces,
      number: true,
      value: (row) => row.faces,
      show: (row) => faces(row, row.faces),
    },
    {
      key: "silent",
      title: words.compliance.silent,
      number: true,
      value: (row) => row.silent_faces,
      tone: (row) => (row.silent_faces ? "unknown" : null),
      show: (row) => faces(row, row.silent_faces, `silent=${from}`),
    },
  ];
}

/** The parts of a line of the chamber league. */
export function levelParts(row, words) {
  return [
    { count: row.unattended, tone: "within", word: words.levels.unattended },
    { count: row.central_control, tone: "central", word: words.levels.central_control },
    { count: row.not_yet, tone: "over", word: words.levels.not_yet },
    { count: row.no_verdict + row.unobserved, tone: "unknown", word: words.noData },
  ];
}

function chamberColumns(desk, listOf) {
  const { words } = desk;
  const count = (key, title, { tone = null, of = (row) => row[key] } = {}) => ({
    key,
    title,
    number: true,
    value: of,
    show: (row) => desk.figure(of(row), "compliance", "chambers", listOf(row), `count=${key}`),
    tone: (row) => (of(row) ? tone : null),
  });
  return [
    {
      key: "bar",
      title: words.compliance.observed,
      sort: false,
      csv: false,
      show: (row) => stack(levelParts(row, words)),
    },
    count("chambers", words.compliance.chambers),
    count("unattended", words.levels.unattended),
    count("central_control", words.levels.central_control),
    count("not_yet", words.levels.not_yet),
    count("unobserved", words.noData, { tone: "unknown", of: (row) => row.unobserved + row.no_verdict }),
    count("declared", words.compliance.declared),
    count("contradicted", words.compliance.contradicted, { tone: "over" }),
  ];
}

/** Which chambers a figure of the chamber league counts. */
export const CHAMBERS = {
  chambers: () => true,
  unattended: ({ observed }) => observed === "unattended",
  central_control: ({ observed }) => observed === "central_control",
  not_yet: ({ observed }) => observed === "not_yet",
  unobserved: ({ observed }) => observed === null || observed === "no_verdict",
  declared: ({ declared }) => declared === "unattended" || declared === "central_control",
  contradicted: ({ agrees }) => agrees === false,
};

/** What a league's bars mean, and how it is reckoned. */
export function legendOf(which, words) {
  const nothing = {
    within: 0,
    exceeded: 0,
    no_verdict: 0,
    unattended: 0,
    central_control: 0,
    not_yet: 0,
    unobserved: 0,
  };
  const legend = stackLegend(which === "staffing" ? tallyParts(nothing, words) : levelParts(nothing, words));
  return make("div", "note", legend, make("p", "", words.compliance.rules[which]));
}
