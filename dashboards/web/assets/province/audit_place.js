// The audit log, the newest entries first, and whether it holds.

import { make } from "../common/element.js";
import { Outcome, Panel, faultOf } from "../common/panel.js";
import { Table } from "../common/table.js";
import { stampText } from "../common/time.js";
import { cellText, columnName, tableName } from "./cells.js";
import { button } from "./desk.js";
import { REGISTRY } from "./registry.js";

const PAGE = 100;

export function openAudit(desk, [, , end]) {
  const { words } = desk;
  const panel = new Panel(words, words.audit.title);
  desk.fill(panel, [REGISTRY], ({ head, tables }) => {
    if (!head.number) return words.empty.audit;
    const last = Math.min(head.number, end === undefined ? head.number : Number(end));
    const entries = make("div", "");
    showEntries(desk, entries, last, tables);
    return [
      make("p", "note", words.audit.head(head.number, head.seal.slice(0, 16))),
      checking(desk),
      entries,
      pages(desk, last, head.number),
    ];
  });
  return [
    desk.heading(words.audit.title, { isDated: false, trail: [desk.link(words.data.title, "data")] }),
    panel.element,
  ];
}

function checking(desk) {
  const { words } = desk;
  const outcome = new Outcome();
  const check = button(words.audit.check, async () => {
    check.disabled = true;
    outcome.say(words.waiting[0]);
    const answer = await desk.get(`${REGISTRY}/check`);
    check.disabled = false;
    if (!answer.ok) outcome.say(faultOf(answer, words).join(words.stop), true);
    else
      outcome.say(
        answer.data.holds ? words.audit.holds(answer.data.head.number) : answer.data.faults.join(words.stop),
        !answer.data.holds,
      );
  });
  return make("div", "controls no-print", ...(desk.isProvince ? [check] : []), outcome.element);
}

function pages(desk, last, head) {
  const { words } = desk;
  const links = [];
  if (last < head) links.push(desk.link(words.audit.newer, "data", "audit", String(Math.min(head, last + PAGE))));
  if (last > PAGE) links.push(desk.link(words.audit.older, "data", "audit", String(last - PAGE)));
  return make("p", "pages no-print", ...links);
}

async function showEntries(desk, box, last, tables) {
  const { words } = desk;
  const answer = await desk.get(`${REGISTRY}/audit?after=${Math.max(0, last - PAGE)}&limit=${Math.min(PAGE, last)}`);
  if (!answer.ok) {
    box.replaceChildren(make("p", "fault", faultOf(answer, words).join(words.stop)));
    return;
  }
  const table = new Table(
    words,
    [
      {
        key: "number",
        title: words.audit.number,
        show: (row) => String(row.number),
        value: (row) => row.number,
        number: true,
      },
      { key: "at", title: words.audit.at, show: (row) => stampText(Date.parse(row.at)), value: (row) => row.at },
      { key: "who", title: words.audit.who, show: (row) => row.who },
      { key: "action", title: words.audit.action, show: (row) => words.history.actions[row.action] ?? row.action },
      { key: "entity", title: words.audit.table, show: (row) => tableText(row, tables, words) },
      { key: "key", title: words.audit.row, show: (row) => keyText(row) },
      {
        key: "cells",
        title: words.audit.cells,
        sort: false,
        show: (row) => make("span", "mend", changeText(row, tables, words)),
      },
      { key: "why", title: words.audit.why, show: (row) => row.why },
    ],
    { caption: words.audit.title, key: (row) => String(row.number) },
  );
  table.show([...answer.data.entries].filter(({ number }) => number <= last).reverse());
  box.replaceChildren(table.element);
}

function tableText({ entity }, tables, words) {
  const table = tables.find(({ word }) => word === entity);
  return table === undefined ? entity : tableName(table, words);
}

function keyText({ key }) {
  return key
    ? JSON.parse(key)
        .filter((part) => part !== "")
        .join(" · ")
    : "";
}

/** The cells that a change touched; of a new row nothing, as it would be all of them. */
function changeText({ entity, before, after }, tables, words) {
  const table = tables.find(({ word }) => word === entity);
  if (!before || !after || table === undefined) return words.spans.none;
  const [was, is] = [JSON.parse(before), JSON.parse(after)];
  const changed = table.columns.filter(({ word }) => was[word] !== is[word]);
  const text = (row, column) => cellText(row[column.word], column, words) || words.data.blank;
  return changed.map((column) => `${columnName(column, words)}: ${text(was, column)} → ${text(is, column)}`).join("; ");
}
