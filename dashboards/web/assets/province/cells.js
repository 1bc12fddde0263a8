// The registry's tables as forms and lists show them, made from the descriptions that the centre gives. Pure.

/** The column that closes a row; it is changed by closing, not by typing. */
export const CLOSED = "closed_on";

/** What a column is called. */
export function columnName(column, words) {
  return words.lang === "zh" ? column.zh : sentence(column.word);
}

export function tableName(table, words) {
  return words.lang === "zh" ? table.zh : (words.data.tables[table.word] ?? sentence(table.word));
}

function sentence(word) {
  const text = word.replaceAll("_", " ");
  return text[0].toUpperCase() + text.slice(1);
}

/** A cell as text for people; empty where it is blank. */
export function cellText(value, column, words) {
  if (value === null || value === undefined) return "";
  if (column.cell === "yes_no") return words.truth[value];
  if (column.cell === "choice") return choiceText(value, column, words);
  return String(value);
}

export function choiceText(value, column, words) {
  return words.lang === "zh" ? (column.choices[value] ?? value) : sentence(value);
}

/** What is typed in a field as a cell: null for nothing. */
export function cellOf(text, column) {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  if (column.cell === "yes_no") return trimmed === "true";
  return trimmed;
}

/** A cell as its field holds it. */
export function fieldText(value) {
  return value === null || value === undefined ? "" : String(value);
}

/** The key of a row. */
export function keyOf(row, table) {
  return Object.fromEntries(table.key.map((word) => [word, row[word]]));
}

/** A row by its key, as a title. */
export function rowTitle(row, table) {
  return table.key
    .map((word) => row[word])
    .filter((part) => part !== "" && part !== null)
    .join(" · ");
}

/** The cells that differ from a row as it is stored (null: a new one), and those of its key. */
export function changesOf(typed, row, table) {
  const changed = {};
  for (const column of table.columns) {
    const { word } = column;
    if (word === CLOSED || !(word in typed)) continue;
    const was = row === null ? null : fieldText(row[word]);
    const isKey = table.key.includes(word);
    if (isKey || fieldText(typed[word]) !== (was ?? "")) changed[word] = typed[word] ?? (isKey ? "" : null);
  }
  return changed;
}

/** The table whose rows a column names, if there is one: the one that is known by that column alone. */
export function namedBy(column, table, tables) {
  const word = column.word === "plan_unit" ? "enterprise" : column.word;
  return tables.find((each) => each.word !== table.word && each.key.length === 1 && each.key[0] === word) ?? null;
}

/** Columns as a form groups them: steps with their paper and person together, the rest as they come. */
export function groupsOf(table) {
  const columns = table.columns.filter(({ word }) => word !== CLOSED);
  const words = columns.map(({ word }) => word);
  const stems = words
    .filter((word) => word.endsWith("_on") && words.includes(word.replace(/_on$/, "_document")))
    .map((word) => word.slice(0, -3));
  const stemOf = ({ word }) =>
    stems.find((stem) => [`${stem}_on`, `${stem}_document`, `${stem}_by`].includes(word)) ?? null;
  const plain = columns.filter((column) => stemOf(column) === null);
  return { plain, steps: stems.map((stem) => columns.filter((column) => stemOf(column) === stem)) };
}

/** The columns that a list shows: all but papers, persons and notes. */
export function listed(table) {
  return table.columns.filter(({ word, cell }) => !(cell === "text" && /_(document|by)$|^note$/.test(word)));
}

/**
 * Which column of a table a fault is about, and what is said of it in one language. The centre says both,
 * `中文 / English`, and names the column, or the table in which a name is lacking; null where it is about the whole row.
 */
export function readFault(what, table, tables, words) {
  const halves = what.split(" / ");
  const said = halves.length === 2 ? halves[words.lang === "zh" ? 0 : 1] : what;
  const [zh, en = ""] = halves;
  const named = tables.find(({ word }) => word === /no such row in ([a-z_]+)/.exec(en)?.[1]);
  const isMeant = (column) =>
    namesWord(en, column.word) ||
    zh.startsWith(column.zh) ||
    (named !== undefined && namedBy(column, table, tables) === named);
  const begins = (column) => (zh.startsWith(column.zh) ? column.zh.length : 0);
  const found = (table?.columns ?? [])
    .filter(isMeant)
    .sort((a, b) => begins(b) - begins(a) || b.word.length - a.word.length);
  return { column: found[0] ?? null, said };
}

function namesWord(text, word) {
  return new RegExp(`(^|[^a-z_])${word}([^a-z_]|$)`).test(text);
}
