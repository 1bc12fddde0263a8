// Staffing and chambers of units and mines: leagues over a period, a small picture of every mine, and what the
// acceptances of faces are worth.

import { make, setAttribute } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { percent } from "../common/values.js";
import { stack } from "./charts.js";
import { filtersOf } from "./counts.js";
import { choices } from "./desk.js";
import { faceTable, tallyBar } from "./face_table.js";
import { CHAMBERS, leagueTable, legendOf, levelParts } from "./leagues.js";
import { chamberTable } from "./mine_place.js";
import { fileName } from "./project_list.js";
import { facesOf } from "./watch_lists.js";

const VIEWS = ["staffing", "chambers", "mines", "evidence"];
/** Leagues are told of the whole province only. */
const OWN_VIEWS = ["evidence", "chambers"];

export function open(desk, parts) {
  const { words } = desk;
  const views = desk.isProvince ? VIEWS : OWN_VIEWS;
  const view = views.includes(parts[1]) ? parts[1] : views[0];
  if (parts[2]?.includes("=")) return openList(desk, view, filtersOf(parts.slice(2)));
  const span = parts[2] ?? "month";
  const chooseView = choices(
    words.compliance.view,
    views.map((each) => [each, words.compliance.views[each]]),
    view,
    (each) => desk.go("compliance", each, span),
  );
  const controls = make("div", "controls no-print", chooseView);
  if (desk.isProvince && view !== "evidence")
    controls.append(
      choices(words.compliance.period, Object.entries(words.compliance.spans), span, (each) =>
        desk.go("compliance", view, each),
      ),
    );
  const open = {
    staffing: () => leagues(desk, span, "staffing"),
    chambers: () => chamberPanels(desk, span),
    mines: () => [mines(desk, span)],
    evidence: () => evidence(desk),
  };
  return [desk.heading(words.compliance.titles[view]), controls, ...open[view]()];
}

/** The chambers or faces of a unit or a mine that a figure of a league counts. */
function openList(desk, view, { unit, mine, count = "chambers", silent }) {
  const { words } = desk;
  const isChambers = view === "chambers";
  const counts = { ...words.levels, ...words.compliance, chambers: "", unobserved: words.noData };
  const said = [
    unit ? desk.unitText(unit) : mine,
    isChambers ? words.compliance.chambers : words.compliance.faces,
    isChambers ? counts[count] : silent && words.compliance.silentSince(silent),
  ];
  const title = said.filter(Boolean).join(" · ");
  const panel = new Panel(words, title);
  desk.fill(panel, ["evidence"], ({ faces, chambers }) => {
    const isMeant = (of) => (unit ? of.enterprise === unit : of.mine === mine);
    const rows = isChambers
      ? chambers.filter((row) => isMeant(row) && CHAMBERS[count]?.(row))
      : faces.filter((row) => isMeant(row.face) && (!silent || row.to_on === null || row.to_on < silent));
    panel.heading.textContent = (isChambers ? words.compliance.chamberCount : words.compliance.count)(rows.length);
    if (!rows.length) return words.empty.list;
    const table = isChambers ? chamberTable(desk, title) : faceTable(desk, title);
    table.show(rows);
    panel.element.querySelector(".actions").replaceChildren(table.csvButton(() => fileName(desk, title)));
    return [table.element];
  });
  const league = isChambers ? "chambers" : "staffing";
  const trail = [desk.link(words.compliance.titles[league], "compliance", league)];
  return [desk.heading(title, { trail }), panel.element];
}

function leagues(desk, span, which) {
  const { words } = desk;
  const league = (of) => {
    const panel = new Panel(words, words.compliance.leagues[of]);
    desk.fill(panel, [`plan/leagues?period=${span}`], (told) => {
      if (told[which] === null || !told[which][of].length) return words.empty[which];
      return [
        make("p", "note", words.compliance.from(told.period.from_on, told.as_of)),
        leagueTable(told[which][of], which, of, desk, told.period.from_on),
        legendOf(which, words),
      ];
    });
    return panel.element;
  };
  return [league("units"), league("mines")];
}

/** A small picture of each mine, unit by unit, all drawn alike: its shifts above, its chambers below. */
function mines(desk, span) {
  const { words } = desk;
  const panel = new Panel(words, words.compliance.views.mines);
  desk.fill(panel, [`plan/leagues?period=${span}`, "plan/mines"], (leagues, { rows }) => {
    const lines = mineLines(leagues, rows);
    if (!lines.length) return words.empty.mines;
    const units = [...new Set(lines.map(({ unit }) => unit))];
    const groups = units.map((unit) => {
      const tiles = lines.filter((line) => line.unit === unit).map((line) => mineTile(line, desk));
      const name = make("h3", "", desk.link(desk.unitText(unit), "unit", unit));
      return make("section", "tiles", name, make("ul", "", ...tiles));
    });
    return [...groups, make("div", "note", legendOf("staffing", words), legendOf("chambers", words))];
  });
  return panel.element;
}

/** What the leagues say of each mine, in the registry's order, then those that it does not have. */
function mineLines({ staffing, chambers }, registered) {
  const lines = new Map(registered.map(({ mine, unit }) => [mine, { mine, unit }]));
  for (const [key, league] of Object.entries({ staffing, chambers })) {
    for (const row of league?.mines ?? [])
      lines.set(row.mine, { mine: row.mine, unit: row.enterprise, ...lines.get(row.mine), [key]: row });
  }
  return [...lines.values()];
}

function mineTile({ mine, staffing, chambers }, desk) {
  const { words } = desk;
  const isBlind = !staffing?.shifts && (chambers === undefined || chambers.share === null);
  const shifts = staffing?.shifts ? tallyBar(staffing.shifts, words) : make("span", "label", words.noData);
  const levels =
    chambers === undefined
      ? make("span", "label", words.noData)
      : make("span", "with-bar", percent(chambers.share) ?? words.noData, stack(levelParts(chambers, words)));
  const tile = make(
    "li",
    "tile",
    desk.link(mine, "mine", mine),
    make("div", "", make("span", "label", words.compliance.views.staffing), shifts),
    make("div", "", make("span", "label", words.compliance.views.chambers), levels),
  );
  setAttribute(tile, "data-tone", isBlind ? "unknown" : null);
  return tile;
}

function chamberPanels(desk, span) {
  if (desk.isProvince) return [...leagues(desk, span, "chambers"), contradictions(desk)];
  const { words } = desk;
  const panel = new Panel(words, words.compliance.views.chambers);
  desk.fill(panel, ["evidence"], ({ chambers }) => {
    if (!chambers.length) return words.empty.chambers;
    const table = chamberTable(desk, words.compliance.views.chambers);
    table.show(chambers);
    return [table.element];
  });
  return [contradictions(desk), panel.element];
}

function contradictions(desk) {
  const { words } = desk;
  const panel = new Panel(words, words.compliance.contradictions);
  desk.fill(panel, ["evidence"], ({ chambers }) => {
    if (!chambers.length) return words.empty.chambers;
    const rows = chambers.filter(({ agrees }) => agrees === false);
    if (!rows.length) return words.empty.contradictions;
    const table = chamberTable(desk, words.compliance.contradictions, ["agrees"]);
    table.show(rows);
    return [table.element];
  });
  return panel.element;
}

function evidence(desk) {
  const { words } = desk;
  const list = (title, choose, rule) => {
    const panel = new Panel(words, title);
    desk.fill(panel, ["evidence"], (told) => {
      if (!told.faces.length) return words.empty.evidence;
      const rows = choose(told);
      if (!rows.length) return words.empty.list;
      const table = faceTable(desk, title);
      table.show(rows);
      const note = `${words.compliance.count(rows.length)}${words.stop}${rule(told.figures)}`;
      return [make("p", "note", note), table.element];
    });
    return panel.element;
  };
  return [
    list(words.compliance.inDoubt, (told) => facesOf(told, "accepted_in_doubt"), words.evidence.rule),
    list(
      words.compliance.unaccepted,
      (told) => facesOf(told, "performing_unaccepted"),
      () => "",
    ),
    list(
      words.compliance.all,
      (told) => told.faces,
      () => "",
    ),
  ];
}
