// A mine as the registry and the plan know it: what it is, its projects, its faces with their evidence, its chambers.

import { make } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { facts } from "./desk.js";
import { faceTable } from "./face_table.js";
import { levelMark, mark } from "./marks.js";
import { projectPanel } from "./project_list.js";
import { classesText } from "./unit_place.js";

export function open(desk, [, name]) {
  const { words } = desk;
  const trail = [desk.link(words.tabs.table, "table")];
  const about = new Panel(words, words.minePlace.about);
  const heading = desk.heading(name, { trail });
  desk.fill(about, ["plan/mines"], ({ rows }) => {
    const row = rows.find((each) => each.mine === name);
    if (row === undefined) return words.empty.mine;
    heading.querySelector(".trail").append(desk.link(desk.unitText(row.unit), "unit", row.unit), " › ");
    return aboutMine(row, desk);
  });
  const projects = projectPanel(desk, words.minePlace.projects, `plan/projects?mine=${encodeURIComponent(name)}`, {
    hidden: ["mine", "unit"],
  });
  return [heading, about.element, projects.element, evidence(desk, name).element, chambers(desk, name).element];
}

function aboutMine(row, desk) {
  const { words } = desk;
  const told = facts(
    [
      [words.minePlace.code, row.mine_code],
      [words.groups.names.enterprise, desk.unitText(row.enterprise)],
      [words.groups.names.city, row.city],
      [words.minePlace.capacity, row.capacity_wan_t],
      [words.minePlace.depth, row.depth_m],
      [words.minePlace.stage, row.stage === null ? null : words.minePlace.stages[row.stage]],
      [words.minePlace.classes, classesText(row, words)],
      [words.minePlace.intelligent, `${row.faces_intelligent} / ${row.faces}`],
    ],
    words,
  );
  const nodes = [told];
  if (row.missed > 0) nodes.push(make("p", "fault", mark("triangle", "over", words.minePlace.missed(row.missed))));
  if (row.mine_code !== null) {
    const live = make("a", "", words.minePlace.live);
    live.href = desk.mineAddress(row.mine_code);
    nodes.push(make("p", "no-print", live));
  }
  return nodes;
}

function evidence(desk, name) {
  const { words } = desk;
  const panel = new Panel(words, words.minePlace.faces);
  desk.fill(panel, ["evidence"], ({ faces }) => {
    const here = faces.filter(({ face }) => face.mine === name);
    if (!here.length) return words.empty.faces;
    const table = faceTable(desk, words.minePlace.faces, { hidden: ["mine", "enterprise"] });
    table.show(here);
    return [table.element];
  });
  return panel;
}

function chambers(desk, name) {
  const { words } = desk;
  const panel = new Panel(words, words.minePlace.chamberList);
  desk.fill(panel, ["evidence"], ({ chambers: all }) => {
    const here = all.filter((each) => each.mine === name);
    if (!here.length) return words.empty.chambers;
    const table = chamberTable(desk, words.minePlace.chamberList, ["mine", "enterprise"]);
    table.show(here);
    return [table.element];
  });
  return panel;
}

/** Chambers with what is declared beside what is observed. */
export function chamberTable(desk, caption, hidden = []) {
  const { words } = desk;
  const columns = [
    { key: "title", title: words.minePlace.chamber, show: (row) => row.title },
    { key: "mine", title: words.mine, show: (row) => desk.link(row.mine, "mine", row.mine), value: (row) => row.mine },
    { key: "enterprise", title: words.unit, show: (row) => desk.unitText(row.enterprise) },
    {
      key: "declared",
      title: words.minePlace.declared,
      show: (row) => (row.declared === null ? words.minePlace.undeclared : levelMark(row.declared, words)),
      value: (row) => row.declared,
    },
    {
      key: "observed",
      title: words.minePlace.observed,
      show: (row) => levelMark(row.observed, words),
      value: (row) => row.observed,
    },
    {
      key: "agrees",
      title: words.minePlace.agrees,
      show: (row) => words.minePlace.agreement[row.agrees],
      tone: (row) => (row.agrees === false ? "over" : null),
      value: (row) => words.minePlace.agreement[row.agrees],
    },
  ];
  return new Table(
    words,
    columns.filter(({ key }) => !hidden.includes(key)),
    { caption },
  );
}
