// One project: its steps with their papers, the faces it made intelligent and what they show, acceptances, money, and
// who changed what of it.

import { make, setAttribute } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { facts } from "./desk.js";
import { faceLink, tallyBar } from "./face_table.js";
import { historyPanel } from "./history.js";
import { mark, performanceMark, stateMark } from "./marks.js";

const STEPS = ["in_library", "started", "completed", "accepted"];
const DAY = 86_400_000;

export function open(desk, [, name]) {
  const { words } = desk;
  const path = `plan/project?name=${encodeURIComponent(name)}`;
  const heading = desk.heading(name, { trail: [desk.link(words.tabs.table, "table")] });
  const panel = (title, drawn) => {
    const made = new Panel(words, title);
    desk.fill(made, [path], drawn);
    return made;
  };
  const steps = panel(words.project.steps, (told) => {
    head(heading, told, desk);
    return [about(told, desk), stepper(told, words)];
  });
  const faces = new Panel(words, words.project.faces);
  desk.fill(faces, [path, "evidence"], ({ project }, evidence) => faceList(project.faces, evidence, desk));
  const money = panel(words.project.reward, (told) => reward(told, desk));
  const acceptances = panel(words.project.acceptances, (told) => acceptanceTable(told, words));
  const payments = panel(words.project.payments, (told) => paymentTable(told, words));
  const history = new Panel(words, words.history.title);
  desk.plan(path).then(({ ok, data }) => {
    if (!ok || data.papers === null) history.say(words.empty.papers);
    else historyPanel(history, desk, "projects", data.papers.row.id);
  });
  const columns = make("div", "columns", money.element, payments.element);
  return [heading, steps.element, faces.element, acceptances.element, columns, history.element];
}

function head(heading, { project, papers }, desk) {
  const trail = heading.querySelector(".trail");
  trail.append(desk.link(desk.unitText(project.unit), "unit", project.unit), " › ");
  if (project.mine !== null) trail.append(desk.link(project.mine, "mine", project.mine), " › ");
  if (papers === null || !desk.may("edit")) return;
  const edit = desk.link(desk.words.project.edit, "data", "projects", String(papers.row.id));
  edit.className = "button";
  heading.querySelector(".title").append(edit);
}

function about({ project }, desk) {
  const { words } = desk;
  return facts(
    [
      [words.list.state, stateMark(project, words)],
      [words.list.kind, words.kinds[project.kind]],
      [words.list.plannedYear, String(project.planned_year)],
      [words.unit, desk.unitText(project.unit)],
      [words.groups.names.enterprise, project.enterprise === null ? null : desk.unitText(project.enterprise)],
      [words.groups.names.city, project.city],
      [words.list.investment, project.investment_wan],
    ],
    words,
  );
}

/** The steps in their order; each has its day, its paper, who reported it, and the days since the one before. */
function stepper({ project, papers, as_of: day }, words) {
  const steps = project.withdrawn_on === null ? STEPS : [...STEPS, "withdrawn"];
  let before = null;
  const items = steps.map((step) => {
    const on = project[`${step}_on`];
    const item = make(
      "li",
      "",
      make("strong", "", words.steps[`${step}_on`]),
      make("span", "on", on ?? words.project.notYet),
    );
    setAttribute(item, "class", on === null ? "open" : step === "withdrawn" ? "gone" : "done");
    if (on !== null && before !== null) item.append(make("span", "note", words.project.after(days(before, on))));
    const row = papers?.row;
    if (on !== null && row)
      item.append(
        make("span", "note", row[`${step}_document`] ?? words.project.noPaper),
        make("span", "note", row[`${step}_by`] ?? ""),
      );
    if (on !== null) before = on;
    return item;
  });
  const end = `${project.planned_year}-12-31`;
  const nodes = [make("ol", "steps", ...items)];
  if (project.overdue) nodes.push(make("p", "", mark("triangle", "over", words.project.overdue(days(end, day)))));
  return make("div", "", ...nodes);
}

function days(from, to) {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY);
}

/** The faces that it made intelligent, with what their last shifts show. */
function faceList(places, { faces }, desk) {
  const { words } = desk;
  if (!places.length) return words.empty.projectFaces;
  const known = new Map(faces.map((each) => [`${each.face.mine}/${each.face.face}`, each]));
  return [
    make(
      "ul",
      "face-list",
      ...places.map((place) => make("li", "", ...faceParts(place, known.get(`${place.mine}/${place.face}`), desk))),
    ),
  ];
}

function faceParts({ title }, told, desk) {
  const { words } = desk;
  if (told === undefined || told.face.mine_code === null)
    return [make("strong", "", title), mark("question", "unknown", words.evidence.unwatched)];
  return [
    faceLink(told.face, desk),
    performanceMark(told.performance, words),
    tallyBar(told.tally, words),
    make("span", "note", told.why[words.lang]),
  ];
}

function reward({ reward: told, balance }, desk) {
  const { words } = desk;
  const amount = (value) => (value === null ? null : words.wan(value));
  const shown = [
    [words.rewards.status, words.rewards.statuses[told.status] ?? told.status],
    [words.rewards.payer, told.payer === null ? null : words.rewards.payers[told.payer]],
    [words.rewards.year, told.year === null ? null : String(told.year)],
    [words.rewards.rate, told.rate],
    [words.rewards.cap, amount(told.cap_wan)],
    [words.rewards.reward, amount(told.reward_wan)],
  ];
  if (told.reward_wan === null && told.capped_wan !== null) shown.push([words.rewards.would, amount(told.capped_wan)]);
  if (balance !== null)
    shown.push(
      [words.rewards.advance, amount(balance.advance_wan)],
      [words.rewards.acceptance, amount(balance.acceptance_wan)],
      [words.rewards.columns.balance_wan, amount(balance.balance_wan)],
    );
  return [facts(shown, words)];
}

function acceptanceTable({ papers }, words) {
  if (papers === null) return words.empty.papers;
  if (!papers.acceptances.length) return words.empty.acceptances;
  const columns = [
    plain(words, "held_on"),
    { ...plain(words, "result"), show: (row) => words.project.results[row.result] ?? row.result },
    plain(words, "score", true),
    plain(words, "experts"),
    plain(words, "edition"),
    plain(words, "document"),
  ];
  return [tableOf(words, columns, papers.acceptances, words.project.acceptances)];
}

function paymentTable({ papers }, words) {
  if (papers === null) return words.empty.papers;
  if (!papers.payments.length) return words.empty.payments;
  const columns = [
    plain(words, "paid_on"),
    { ...plain(words, "kind"), show: (row) => words.project.paymentKinds[row.kind] ?? row.kind },
    plain(words, "amount_wan", true),
    plain(words, "payment"),
  ];
  return [tableOf(words, columns, papers.payments, words.project.payments)];
}

/** A column that shows what stands in the row. */
function plain(words, key, number = false) {
  return { key, number, title: words.project.columns[key], show: (row) => row[key] ?? words.spans.none };
}

function tableOf(words, columns, rows, caption) {
  const table = new Table(words, columns, { caption });
  table.show(rows);
  return table.element;
}
