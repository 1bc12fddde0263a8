// What was done to one row of the registry, the last change first: who, when, why, and which cells from what to what.

import { make } from "../common/element.js";
import { stampText } from "../common/time.js";

/** Show the history of a row in a panel. */
export function historyPanel(panel, desk, table, id) {
  const { words } = desk;
  return desk.fill(panel, [`/api/v1/registry/${table}/${id}/history`], ({ entries }) => {
    if (!entries.length) return words.empty.history;
    return [make("ol", "history", ...[...entries].reverse().map((entry) => historyItem(entry, words)))];
  });
}

function historyItem({ number, at, who, why, action, cells }, words) {
  const head = make(
    "p",
    "",
    make("strong", "", who),
    ` ${words.history.actions[action] ?? action} `,
    make("span", "label", stampText(Date.parse(at))),
    make("span", "label", `#${number}`),
  );
  const changed = cells.map(({ column, zh, before, after }) => {
    const name = words.lang === "zh" ? zh : column.replaceAll("_", " ");
    return make(
      "li",
      "",
      make("span", "label", name),
      " ",
      before === null ? "" : make("del", "", shown(before, words)),
      " ",
      after === null ? make("span", "label", words.history.blank) : make("ins", "", shown(after, words)),
    );
  });
  const item = make("li", "", head, make("p", "why", why));
  const list = make("ul", "cells", ...changed);
  if (action !== "add") item.append(list);
  else item.append(folded(words.history.cells(cells.length), list));
  return item;
}

function folded(title, content) {
  return make("details", "", make("summary", "", title), content);
}

function shown(value, words) {
  return typeof value === "boolean" ? words.truth[value] : String(value);
}
