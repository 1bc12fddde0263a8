// The registry over HTTP: its description, its rows by pages, one row, changes of it.

import { ask } from "../common/centre.js";
import { keyOf } from "./cells.js";

const PAGE = 1000;
const PAGES_MAX = 50;
export const REGISTRY = "/api/v1/registry";

/** All rows of a table: an answer whose data is a list; `isWhole` false where there are more than are read. */
export async function rowsOf(desk, table) {
  const rows = [];
  let after = 0;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await desk.get(`${REGISTRY}/${table}?limit=${PAGE}&after=${after}`);
    if (!answer.ok) return answer;
    rows.push(...answer.data.rows);
    if (answer.data.next === null) return { ok: true, status: 200, data: { rows, isWhole: true } };
    after = answer.data.next;
  }
  return { ok: true, status: 200, data: { rows, isWhole: false } };
}

/** One row as it is stored now, past all that was heard before; null if there is none. */
export async function rowNow(table, id) {
  const answer = await ask(`${REGISTRY}/${table}?after=${id - 1}&limit=1`);
  return answer.ok ? { ...answer, data: answer.data.rows.find((row) => row.id === id) ?? null } : answer;
}

/** The row with this key as it is stored now; null if there is none. */
export async function rowWith(desk, table, row) {
  const answer = await rowsOf(desk, table.word);
  if (!answer.ok) return null;
  const key = JSON.stringify(keyOf(row, table));
  return answer.data.rows.find((each) => JSON.stringify(keyOf(each, table)) === key) ?? null;
}

/** The names by which rows of a table are known, those that stand first. */
export async function namesOf(desk, table) {
  const answer = await rowsOf(desk, table.word);
  if (!answer.ok) return [];
  const rows = [...answer.data.rows].sort((a, b) => Number(a.closed_on !== null) - Number(b.closed_on !== null));
  return rows.map((row) => String(row[table.key[0]]));
}

/** Add a row or change the one with its key. */
export function change(table, { why, row, revision }) {
  const body = { why, row };
  if (revision !== null) body.revision = revision;
  return ask(`${REGISTRY}/${table}`, { method: "POST", body });
}

/** Close a row from a day on; null opens it again. */
export function close(table, { why, key, on, revision }) {
  return ask(`${REGISTRY}/${table}/close`, { method: "POST", body: { why, key, on, revision } });
}
