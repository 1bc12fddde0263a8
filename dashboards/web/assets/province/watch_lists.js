// The two lists that an official opens first: projects that are or will be late, and acceptances in doubt.

import { make } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { countedAs } from "./counts.js";
import { faceLink } from "./face_table.js";
import { mark, performanceMark } from "./marks.js";

const SHOWN_MAX = 8;
const DAY = 86_400_000;

/** Overdue projects, the longest first, then those that will be late at their kind's pace. */
export function late(desk) {
  const { words } = desk;
  const panel = new Panel(words, words.overview.late);
  desk.fill(panel, ["plan/projects?overdue=true", "plan/outlook"], ({ rows, as_of: day }, { at_risk: risks }) => {
    const overdue = rows
      .filter(({ kind }) => countedAs(kind) !== null)
      .map((row) => ({ ...row, days: days(`${row.planned_year}-12-31`, day), isRisk: false }));
    const expected = risks.map((row) => ({
      ...row,
      unit: row.enterprise,
      days: days(`${row.planned_year}-12-31`, row.expected_on),
      isRisk: true,
    }));
    overdue.sort((a, b) => b.days - a.days);
    expected.sort((a, b) => b.days - a.days);
    return lateNodes([...overdue, ...expected], desk);
  });
  return panel;
}

function lateNodes(rows, desk) {
  const { words } = desk;
  if (!rows.length) return words.empty.late;
  const items = rows
    .slice(0, SHOWN_MAX)
    .map((row) =>
      make(
        "li",
        "",
        mark("triangle", row.isRisk ? "calm" : "over", row.isRisk ? words.overview.atRisk : words.plan.columns.overdue),
        desk.link(row.project, "project", row.project),
        make("span", "note", desk.unitText(row.unit)),
        make("span", "end", row.isRisk ? words.overview.lateBy(row.days) : words.overview.overdueBy(row.days)),
      ),
    );
  const nodes = [make("ul", "watch", ...items)];
  if (rows.length > SHOWN_MAX)
    nodes.push(make("p", "", desk.link(words.overview.all(rows.length), "projects", "overdue=true", "table=1")));
  return nodes;
}

/** Accepted faces that do not perform or prove nothing, those that do not perform first. */
export function doubtful(desk) {
  const { words } = desk;
  const panel = new Panel(words, words.overview.doubtful);
  desk.fill(panel, ["evidence"], (told) => {
    if (!told.faces.length) return words.empty.evidence;
    const rows = facesOf(told, "accepted_in_doubt");
    return rows.length ? doubtNodes(rows, desk) : words.empty.doubtful;
  });
  return panel;
}

/** The faces of one of the evidence's lists. */
export function facesOf(told, list) {
  const known = new Map(told.faces.map((each) => [`${each.face.mine}/${each.face.face}`, each]));
  return told[list].map(({ mine, face }) => known.get(`${mine}/${face}`)).filter(Boolean);
}

function doubtNodes(rows, desk) {
  const { words } = desk;
  const watched = rows.filter(({ tally }) => tally.within + tally.exceeded + tally.no_verdict > 0);
  const blind = rows.length - watched.length;
  const items = watched
    .slice(0, SHOWN_MAX)
    .map((row) =>
      make(
        "li",
        "",
        performanceMark(row.performance, words),
        make("span", "", `${row.face.mine} `, faceLink(row.face, desk)),
        make("span", "end", words.overview.tally(row.tally)),
      ),
    );
  const nodes = [];
  if (items.length) nodes.push(make("ul", "watch", ...items));
  if (blind) nodes.push(make("p", "", mark("question", "unknown", words.overview.blindFaces(blind))));
  nodes.push(make("p", "", desk.link(words.overview.all(rows.length), "compliance", "evidence")));
  return nodes;
}

function days(from, to) {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY);
}
