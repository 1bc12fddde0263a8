// The evidence behind a face: what its last production shifts show, shift by shift, and where its headcounts are.

import { make } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { percent } from "../common/values.js";
import { stack, stackLegend, strip } from "./charts.js";
import { facts } from "./desk.js";
import { tallyParts } from "./face_table.js";
import { performanceMark, verdictMark } from "./marks.js";

const TONES = { within: "within", exceeded: "over", no_verdict: "unknown", not_judged: "unjudged" };

export function open(desk, [, code, face]) {
  const { words } = desk;
  const heading = desk.heading(face, { trail: [desk.link(words.tabs.table, "table")] });
  const judged = new Panel(words, words.evidence.title);
  const shifts = new Panel(words, words.evidence.shifts);
  const path = `evidence/${encodeURIComponent(code)}/${encodeURIComponent(face)}`;
  desk.fill(judged, [path], (told) => {
    head(heading, told, desk);
    return verdict(told, desk);
  });
  desk.fill(shifts, [path], (told) => (told.shifts.length ? [shiftTable(told, desk)] : words.empty.shifts));
  return [heading, judged.element, shifts.element];
}

function head(heading, { face }, desk) {
  const title = `${face.mine} ${face.title}`;
  heading.querySelector("h1").textContent = title;
  if (heading.isConnected) document.title = `${title} · ${desk.words.product}`;
  const links = [
    desk.link(desk.unitText(face.enterprise), "unit", face.enterprise),
    desk.link(face.mine, "mine", face.mine),
  ];
  if (face.project !== null) links.push(desk.link(face.project, "project", face.project));
  heading.querySelector(".trail").append(...links.flatMap((link) => [link, " › "]));
}

function verdict(told, desk) {
  const { words } = desk;
  const { face, tally, shifts } = told;
  const live = make("a", "", words.evidence.live);
  live.href = desk.mineAddress(face.mine_code, "face", face.face);
  const nodes = [
    make("p", "verdict", performanceMark(told.performance, words), make("span", "", told.why[words.lang])),
    facts(
      [
        [words.evidence.accepted, face.accepted_on ?? words.evidence.notAccepted],
        [words.evidence.span, told.from_on === null ? null : `${told.from_on} – ${told.to_on}`],
        [words.list.kind, words.kinds[face.kind]],
      ],
      words,
    ),
  ];
  if (shifts.length) nodes.push(stack(tallyParts(tally, words), words.evidence.tally), picture(shifts, words));
  nodes.push(make("p", "note", words.evidence.rule(told.figures)), make("p", "no-print", live));
  return nodes;
}

function picture(shifts, words) {
  const names = [...new Set(shifts.map(({ shift }) => shift))];
  const cells = shifts.map((each) => ({
    day: each.shift_on,
    row: each.shift,
    tone: TONES[each.verdict] ?? "unknown",
    word: words.verdicts[each.verdict],
  }));
  const rows = make("span", "strip-names", ...names.map((name) => make("span", "", name)));
  const box = make(
    "div",
    "strip-box",
    rows,
    strip(cells, names, words.evidence.strip(shifts[0].shift_on, shifts.at(-1).shift_on)),
  );
  return make("div", "", box, stackLegend(tallyParts({ within: 0, exceeded: 0, no_verdict: 0 }, words)));
}

function shiftTable({ shifts, face }, desk) {
  const { words } = desk;
  const table = new Table(
    words,
    [
      { key: "shift", title: words.evidence.shift, show: (row) => `${row.shift_on} ${row.shift}` },
      {
        key: "verdict",
        title: words.evidence.verdict,
        show: (row) => verdictMark(row.verdict, words),
        value: (row) => words.verdicts[row.verdict],
      },
      {
        key: "headcount",
        title: words.evidence.headcount,
        number: true,
        value: (row) => row.record?.headcount_max ?? null,
        show: (row) =>
          row.record?.headcount_max == null ? words.noData : `${row.record.headcount_max} / ${row.record.limit}`,
      },
      {
        key: "over",
        title: words.evidence.over,
        number: true,
        value: (row) => row.record?.over_limit_s ?? null,
        show: (row) => (row.record === null ? words.noData : (row.record.over_limit_s / 60).toFixed(1)),
      },
      {
        key: "coverage",
        title: words.evidence.coverage,
        number: true,
        value: (row) => row.record?.coverage_judged ?? null,
        show: (row) => percent(row.record?.coverage_judged) ?? words.noData,
      },
      { key: "why", title: words.evidence.why, sort: false, show: (row) => row.why[words.lang] },
      { key: "trend", title: words.evidence.trend, sort: false, csv: false, show: (row) => trendLink(row, face, desk) },
    ],
    {
      caption: words.evidence.shifts,
      tone: (row) => ({ exceeded: "over", no_verdict: "unknown" })[row.verdict] ?? null,
      key: (row) => `${row.shift_on} ${row.shift}`,
    },
  );
  table.show([...shifts].reverse());
  return table.element;
}

function trendLink({ shift_on: day, shift, trend }, face, desk) {
  const link = make("a", "", desk.words.evidence.open);
  link.href = desk.mineAddress(trend.mine, "face", trend.area, day);
  link.setAttribute(
    "aria-label",
    `${desk.words.evidence.open} ${desk.words.evidence.trend} ${face.title} ${day} ${shift}`,
  );
  return link;
}
