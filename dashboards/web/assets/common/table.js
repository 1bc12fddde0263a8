// A table that people read, sort and take with them: head and first column stay in sight, numbers stand right.

import { csvOf, keepFile } from "./csv.js";
import { make, setAttribute, setText } from "./element.js";

/**
 * A column: `{key, title, show(row), value?(row), unit?, number?, tone?(row), sort?, csv?}`.
 * `show` gives text or a node; `value` what is sorted and written to CSV where that is not the text shown: a number,
 * a text or null; `unit` is that of the value. `sort: false` and `csv: false` leave a column out of either.
 */
export class Table {
  #words;
  #columns;
  #of;
  #body = make("tbody");
  #buttons = new Map();
  #rows = [];
  #by;

  /**
   * `caption` names it for readers; `sorted: [key, "ascending" | "descending"]` as it opens; `key(row)` keeps the
   * focus where rows are shown anew; `tone(row)` gives a whole row a tone; `rowsMax` bounds what is shown, not what is
   * sorted and written to a file.
   */
  constructor(words, columns, { caption, sorted = null, key = null, tone = null, rowsMax = Infinity }) {
    this.#words = words;
    this.#columns = columns;
    this.#of = { key, tone, rowsMax };
    this.#by = sorted;
    const head = make("tr", "", ...columns.map((column) => this.#head(column)));
    const table = make(
      "table",
      "data",
      make("caption", "spoken", caption),
      make("thead", "", head),
      this.#body,
    );
    this.element = make("div", "wide", table);
    this.element.tabIndex = 0; // it scrolls by itself, so the keyboard must be able to
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", caption);
  }

  /** Show these rows, in the order that is chosen. */
  show(rows) {
    this.#rows = rows;
    this.#showRows();
  }

  /** A button that writes the rows as they stand to a CSV file. */
  csvButton(nameOf) {
    const button = make("button", "", this.#words.csv);
    button.type = "button";
    button.addEventListener("click", () => keepFile(`${nameOf()}.csv`, this.csv()));
    return button;
  }

  /** The rows as they stand, as CSV. */
  csv() {
    const columns = this.#columns.filter((column) => column.csv !== false);
    const rows = this.#ordered().map((row) => columns.map((column) => valueOf(column, row)));
    return csvOf([columns.map(({ title, unit }) => (unit ? `${title} (${unit})` : title)), ...rows]);
  }

  #head(column) {
    const cell = make("th", column.number ? "number" : "");
    cell.scope = "col";
    if (column.sort === false) {
      setText(cell, column.title);
      return cell;
    }
    const button = make("button", "sort", column.title);
    button.type = "button";
    cell.dataset.title = column.title; // for paper: heads that stand again on each page lose their buttons
    button.addEventListener("click", () => this.#sort(column));
    this.#buttons.set(column.key, cell);
    cell.append(button);
    this.#mark();
    return cell;
  }

  #sort({ key, number }) {
    const [before, way] = this.#by ?? [];
    const first = number ? "descending" : "ascending";
    const other = way === "ascending" ? "descending" : "ascending";
    this.#by = [key, before === key ? other : first];
    this.#mark();
    this.#showRows();
  }

  #mark() {
    for (const [key, cell] of this.#buttons)
      setAttribute(cell, "aria-sort", this.#by?.[0] === key ? this.#by[1] : null);
  }

  #ordered() {
    const column = this.#columns.find(({ key }) => key === this.#by?.[0]);
    if (column === undefined) return this.#rows;
    const way = this.#by[1] === "ascending" ? 1 : -1;
    const values = new Map(this.#rows.map((row) => [row, valueOf(column, row)]));
    return [...this.#rows].sort((a, b) => compared(values.get(a), values.get(b), way));
  }

  #showRows() {
    const held = this.#held();
    this.#body.replaceChildren(
      ...this.#ordered()
        .slice(0, this.#of.rowsMax)
        .map((row) => this.#row(row)),
    );
    if (held === null) return;
    const row = [...this.#body.children].find((each) => each.dataset.key === held.key);
    row?.children[held.cell]?.querySelector("a, button")?.focus({ preventScroll: true });
  }

  /** Where the focus is, if it is in a row. */
  #held() {
    const cell = this.#of.key && document.activeElement?.closest("td, th");
    if (!cell || !this.#body.contains(cell)) return null;
    return { key: cell.parentElement.dataset.key, cell: [...cell.parentElement.children].indexOf(cell) };
  }

  #row(row) {
    const cells = this.#columns.map((column, index) => {
      const cell = make(
        index === 0 ? "th" : "td",
        column.number ? "number" : "",
        column.show(row) ?? this.#words.spans.none,
      );
      if (index === 0) cell.scope = "row";
      setAttribute(cell, "data-tone", column.tone?.(row) ?? null);
      return cell;
    });
    const element = make("tr", "", ...cells);
    setAttribute(element, "data-tone", this.#of.tone?.(row) ?? null);
    if (this.#of.key) element.dataset.key = this.#of.key(row);
    return element;
  }
}

function valueOf(column, row) {
  if (column.value) return column.value(row);
  const shown = column.show(row);
  return shown instanceof Node ? shown.textContent : shown;
}

/** What is missing comes last whichever way. */
function compared(a, b, way) {
  const isMissing = (value) => value === null || value === undefined || value === "";
  if (isMissing(a) || isMissing(b)) return Number(isMissing(a)) - Number(isMissing(b));
  if (typeof a === "number" && typeof b === "number") return way * (a - b);
  return way * String(a).localeCompare(String(b), "zh-CN", { numeric: true });
}
