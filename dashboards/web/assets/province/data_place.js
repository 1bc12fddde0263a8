// Data entry: the registry's tables, the rows of one, one row with its form and history, and the whole audit log.

import { make } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { openAudit } from "./audit_place.js";
import { CLOSED, cellText, columnName, listed, rowTitle, tableName } from "./cells.js";
import { fileName } from "./project_list.js";
import { REGISTRY, rowsOf } from "./registry.js";
import { openRow } from "./row_place.js";

/** What people fill in most stands first. */
const FIRST = ["projects", "acceptances", "payments"];

export function open(desk, parts) {
  const [, word, id] = parts;
  if (word === undefined) return openTables(desk);
  if (word === "audit") return openAudit(desk, parts);
  if (id === undefined) return openRows(desk, word);
  return openRow(desk, word, id);
}

function openTables(desk) {
  const { words } = desk;
  const main = new Panel(words, words.data.first);
  const others = new Panel(words, words.data.others);
  const list = (tables) => [
    make(
      "ul",
      "tables",
      ...tables.map((table) =>
        make(
          "li",
          "",
          desk.link(tableName(table, words), "data", table.word),
          make(
            "span",
            "note",
            table.columns
              .filter(({ required }) => required)
              .map((column) => columnName(column, words))
              .join(words.comma),
          ),
        ),
      ),
    ),
  ];
  desk.fill(main, [REGISTRY], ({ tables }) => list(FIRST.map((word) => tables.find((table) => table.word === word))));
  desk.fill(others, [REGISTRY], ({ tables }) => list(tables.filter(({ word }) => !FIRST.includes(word))));
  const log = make(
    "p",
    "no-print",
    desk.link(words.audit.title, "data", "audit"),
    " · ",
    desk.link(words.tabs.import, "import"),
  );
  return [desk.heading(words.data.title, { isDated: false, note: words.data.note }), main.element, others.element, log];
}

function openRows(desk, word) {
  const { words } = desk;
  const trail = [desk.link(words.data.title, "data")];
  const heading = desk.heading(word, { isDated: false, trail });
  const panel = new Panel(words, words.data.rows);
  show(desk, word, heading, panel);
  return [heading, panel.element];
}

async function show(desk, word, heading, panel) {
  const { words } = desk;
  panel.say(words.waiting);
  const again = () => show(desk, word, heading, panel);
  const described = await desk.get(REGISTRY);
  if (!described.ok) return desk.refuse(panel, REGISTRY, described, again);
  const answer = await rowsOf(desk, word);
  if (!answer.ok) return panel.fault(answer, again);
  const table = described.data.tables.find((each) => each.word === word);
  heading.querySelector("h1").textContent = tableName(table, words);
  document.title = `${tableName(table, words)} · ${words.product}`;
  return showRows(desk, table, answer.data, panel);
}

function showRows(desk, table, { rows, isWhole }, panel) {
  const { words } = desk;
  const view = rowTable(desk, table);
  const count = make("span", "label");
  const search = make("input");
  search.type = "search";
  search.placeholder = words.data.search;
  search.setAttribute("aria-label", words.data.search);
  const closed = make("input");
  closed.type = "checkbox";
  const narrow = () => {
    const wanted = search.value.trim().toLowerCase();
    const found = rows.filter(
      (row) => (closed.checked || row[CLOSED] === null) && (wanted === "" || textOf(row).includes(wanted)),
    );
    count.textContent = words.list.of(found.length, rows.length);
    view.show(found);
  };
  search.addEventListener("input", narrow);
  closed.addEventListener("change", narrow);
  const actions = [view.csvButton(() => fileName(desk, tableName(table, words)))];
  if (desk.may("edit"))
    actions.unshift(Object.assign(desk.link(words.data.add, "data", table.word, "new"), { className: "button first" }));
  panel.element.querySelector(".actions").replaceChildren(...actions);
  const controls = make(
    "div",
    "controls no-print",
    search,
    make("label", "field", closed, make("span", "", words.data.closed)),
    count,
  );
  if (!rows.length) {
    panel.say(words.empty.rows);
    return;
  }
  narrow();
  panel.show(...(isWhole ? [] : [make("p", "fault", words.data.more)]), controls, view.element);
}

function textOf(row) {
  return Object.values(row)
    .filter((value) => value !== null)
    .join(" ")
    .toLowerCase();
}

function rowTable(desk, table) {
  const { words } = desk;
  const first = {
    key: "row",
    title: columnName(
      table.columns.find(({ word }) => word === table.key[0]),
      words,
    ),
    show: (row) => desk.link(rowTitle(row, table), "data", table.word, String(row.id)),
    value: (row) => rowTitle(row, table),
  };
  const others = listed(table).filter(({ word }) => !table.key.includes(word) && word !== CLOSED);
  const columns = others.map((column) => ({
    key: column.word,
    title: columnName(column, words),
    number: ["whole", "amount"].includes(column.cell),
    show: (row) => cellText(row[column.word], column, words) || words.spans.none,
    value: (row) =>
      ["whole", "amount"].includes(column.cell) && row[column.word] !== null
        ? Number(row[column.word])
        : cellText(row[column.word], column, words),
  }));
  const state = {
    key: CLOSED,
    title: words.data.state,
    show: (row) => (row[CLOSED] === null ? words.data.stands : words.data.closedOn(row[CLOSED])),
    value: (row) => row[CLOSED],
  };
  return new Table(words, [first, ...columns, state], {
    caption: tableName(table, words),
    key: (row) => String(row.id),
  });
}
