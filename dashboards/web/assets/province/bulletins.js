// The bulletin (通报): a preview made of its JSON form, which all its files are made of, and the files.

import { make } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { missedNodes, unitNodes } from "./consequences.js";
import { KINDS } from "./counts.js";
import { choices } from "./desk.js";
import { Downloads } from "./download.js";
import { faceTable } from "./face_table.js";
import { leagueTable } from "./leagues.js";
import { forecastNodes } from "./overview.js";
import { planTable } from "./plan_table.js";
import { fileName } from "./project_list.js";
import { unitTable, yearTable } from "./rewards.js";
import { countedGoals, measuredGoals } from "./targets.js";

const FORMS = ["docx", "xlsx", "pdf", "json"];

export function open(desk, parts) {
  const { words } = desk;
  if (!desk.isProvince) return [desk.heading(words.bulletin.title), make("p", "note", words.bulletin.provinceOnly)];
  const span = parts[1] ?? "month";
  const spans = choices(words.compliance.period, Object.entries(words.compliance.spans), span, (each) =>
    desk.go("bulletins", each),
  );
  const files = new Downloads(
    words,
    FORMS.map((form) => ({
      word: words.bulletin.forms[form],
      isFirst: form === "docx",
      path: () => fileAddress(desk, span, form),
      name: () => `${fileName(desk, words.bulletin.title)}.${form}`,
    })),
  );
  const appraisal = new Downloads(words, [
    { word: words.bulletin.appraisal, path: () => `/api/v1/plan/appraisal.xlsx?as_of=${desk.day}` },
  ]);
  const controls = make(
    "section",
    "panel stacked no-print",
    make("div", "controls", spans, files.element),
    appraisal.element,
    make("p", "note", words.bulletin.note),
  );
  const preview = new Panel(words, words.bulletin.preview);
  preview.element.classList.add("paper");
  desk.fill(preview, [`plan/bulletin?period=${span}&format=json`], (told) => paper(told, desk));
  return [desk.heading(words.bulletin.title), controls, preview.element];
}

function fileAddress(desk, span, form) {
  return `/api/v1/plan/bulletin?period=${span}&as_of=${desk.day}&format=${form}`;
}

function paper(told, desk) {
  const { words } = desk;
  const head = make(
    "header",
    "",
    make("h2", "", words.bulletin.name(told.period, told.as_of)),
    make("p", "note", words.bulletin.id(told.id.slice(0, 16), told.as_of)),
  );
  if (told.demo) head.append(make("p", "fault", words.bulletin.demo));
  const sections = [
    ["table", [planTable(told.progress, desk, { isStill: true })]],
    ["cumulative", [planTable(told.progress, desk, { isStill: true, isCumulative: true })]],
    ["gains", [gainTable(told.gains, desk)]],
    ["targets", [...countedGoals(told.targets, told.outlook, desk), measuredGoals(told.targets, desk)]],
    ["overdue", overdueNodes(told.overdue, desk)],
    ["risk", told.outlook.forecast.length ? forecastNodes(told.outlook, told.targets, desk) : words.empty.forecast],
    ["staffing", leagueNodes(told.staffing, "staffing", told.period, desk)],
    ["chambers", leagueNodes(told.chambers, "chambers", told.period, desk)],
    ["rewards", rewardNodes(told, desk)],
    ["missed", missedNodes(told.consequences.missed_plan, desk)],
    ["units", unitNodes(told.consequences, desk)],
    ["evidence", evidenceNodes(told, desk)],
  ];
  return [head, ...sections.map(([name, drawn]) => section(words.bulletin.sections[name], drawn))];
}

/** A section; a note `[what, next]` where there is nothing. */
function section(title, drawn) {
  const nodes = typeof drawn[0] === "string" ? [make("p", "note", drawn[0])] : drawn;
  return make("section", "", make("h3", "", title), ...nodes);
}

function gainTable(gains, desk) {
  const { words } = desk;
  const units = [...new Set(gains.map(({ enterprise }) => enterprise))];
  const of = (unit, kind) => gains.find((each) => each.enterprise === unit && each.kind === kind);
  const column = (kind) => ({
    key: kind,
    title: words.plan.kinds[kind],
    number: true,
    sort: false,
    show: (unit) => gainText(of(unit, kind)),
  });
  const table = new Table(
    words,
    [{ key: "unit", title: words.unit, sort: false, show: (unit) => desk.unitText(unit) }, ...KINDS.map(column)],
    { caption: words.bulletin.sections.gains },
  );
  table.show(units);
  return make("div", "", table.element, make("p", "note", words.bulletin.gains));
}

function gainText({ in_library: library, started, completed, accepted }) {
  return [library, started, completed, accepted].join(" / ");
}

function overdueNodes(rows, desk) {
  const { words } = desk;
  if (!rows.length) return words.empty.overdue;
  const table = new Table(
    words,
    [
      { key: "project", title: words.list.project, show: (row) => row.project },
      { key: "unit", title: words.unit, show: (row) => desk.unitText(row.enterprise) },
      { key: "year", title: words.list.plannedYear, number: true, show: (row) => String(row.planned_year) },
      { key: "completed", title: words.steps.completed_on, show: (row) => row.completed_on ?? words.spans.none },
      {
        key: "days",
        title: words.bulletin.days,
        number: true,
        value: (row) => row.days,
        show: (row) => String(row.days),
      },
    ],
    { caption: words.bulletin.sections.overdue },
  );
  table.show(rows);
  return [table.element];
}

function leagueNodes(league, which, { from_on: from }, desk) {
  if (league === null) return desk.words.empty[which];
  return ["units", "mines"].map((of) => leagueTable(league[of], which, of, desk, from));
}

function rewardNodes({ rewards, balances }, desk) {
  const nodes = rewards.sums.length ? [yearTable(rewards.sums, desk)] : [];
  if (balances?.units.length) nodes.push(unitTable(balances.units, desk));
  return nodes.length ? nodes : desk.words.empty.rewards;
}

function evidenceNodes({ evidence, grounds }, desk) {
  const { words } = desk;
  if (evidence === null) return words.empty.evidence;
  return ["accepted_in_doubt", "performing_unaccepted"].flatMap((list) => {
    const rows = evidence[list].map((each) => ({ ...each, why: grounds[`${each.face.mine}/${each.face.face}`] }));
    const title = list === "accepted_in_doubt" ? words.compliance.inDoubt : words.compliance.unaccepted;
    if (!rows.length) return [make("p", "note", `${title}: ${words.empty.list[0]}`)];
    const table = faceTable(desk, title, { hidden: ["project"] });
    table.show(rows);
    return [make("h4", "", `${title} (${rows.length})`), table.element];
  });
}
