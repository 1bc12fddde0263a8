// The plan's table, cumulative to the current plan year: accepted / planned per unit and kind.
// A cell lags when fewer are accepted than were planned up to the last year that is due; the total lags when
// any unit does, as one unit's surplus does not hide another's lack.

import { make, setAttribute, setHidden, setText, spoken, tablePart } from "../common/element.js";
import { KeyedList } from "../common/keyed_list.js";
import { Symbol } from "../common/symbols.js";

const KINDS = ["mining_face", "driving_face", "demonstration_mine"];
const TOTAL = "合计";

/** Units in the table's order, then the total: `{year, units: [[name, {kind: cell}]]}`. */
export function planCells(progress) {
  const years = [...new Set(progress.rows.map((row) => row.year))];
  const year = Math.min(Math.max(Number(progress.as_of.slice(0, 4)), ...years.slice(0, 1)), Math.max(...years));
  const onTable = progress.rows.filter((row) => row.planned !== null);
  const total = progress.totals.filter((row) => row.enterprise === TOTAL);
  const names = [...new Set(onTable.map((row) => row.enterprise))];
  const units = names.map((name) => [name, cellsOf(onTable.filter((row) => row.enterprise === name), year)]);
  const sums = cellsOf(total, year);
  for (const kind of KINDS) sums[kind].lags = units.some(([, cells]) => cells[kind].lags);
  return { year, units: [...units, [TOTAL, sums]] };
}

function cellsOf(rows, year) {
  return Object.fromEntries(
    KINDS.map((kind) => {
      const ofKind = rows.filter((row) => row.kind === kind);
      const shown = ofKind.find((row) => row.year === year);
      const due = ofKind.filter((row) => row.due && row.year <= year).at(-1);
      const accepted = shown.accepted_cumulative;
      const planned = shown.planned_cumulative;
      return [kind, { accepted, planned, lags: due !== undefined && accepted < due.planned_cumulative }];
    }),
  );
}

export class PlanTable {
  #words;
  #caption = make("caption", "spoken");
  #corner = tablePart("th", "columnheader", "corner");
  #list;

  constructor(words) {
    this.#words = words;
    const heads = KINDS.map((kind) => {
      const head = tablePart("th", "columnheader", "", words.planKinds[kind]);
      head.scope = "col";
      return head;
    });
    this.#corner.scope = "col";
    const body = tablePart("tbody", "rowgroup");
    const head = tablePart("thead", "rowgroup", "", tablePart("tr", "row", "", this.#corner, ...heads));
    this.table = tablePart("table", "table", "", this.#caption, head, body);
    this.element = make("section", "plan", make("h2", "spoken", words.plan), this.table);
    this.element.setAttribute("aria-label", words.plan);
    this.#list = new KeyedList(body, () => new Unit(words));
  }

  update(progress) {
    setHidden(this.table, progress === null);
    if (progress === null) return;
    const { year, units } = planCells(progress);
    setText(this.#caption, this.#words.planSummary(progress.as_of));
    setText(this.#corner, this.#words.planCorner(year));
    setAttribute(this.#corner, "title", this.#words.planSummary(progress.as_of));
    this.#list.update(units.map(([name, cells]) => [name, { name, cells }]));
  }
}

class Unit {
  #words;
  #name = tablePart("th", "rowheader", "enterprise");
  #cells;

  constructor(words) {
    this.#words = words;
    this.#name.scope = "row";
    this.#cells = KINDS.map((kind) => new Cell(words, kind));
    this.element = tablePart("tr", "row", "", this.#name, ...this.#cells.map((cell) => cell.element));
  }

  update({ name, cells }) {
    const shown = this.#words.units[name] ?? name;
    setText(this.#name, shown);
    setAttribute(this.#name, "title", shown === name ? name : `${shown} ${name}`);
    setAttribute(this.element, "class", name === TOTAL ? "total" : null);
    for (const cell of this.#cells) cell.update(cells[cell.kind]);
  }
}

class Cell {
  #words;
  #symbol = new Symbol();
  #lagging = spoken();
  #accepted = make("span", "accepted");
  #planned = make("span", "planned");
  #bar = make("span", "bar");

  constructor(words, kind) {
    this.#words = words;
    this.kind = kind;
    this.#symbol.show("triangle");
    const figures = make("span", "figures", this.#symbol.element, this.#lagging, this.#accepted, this.#planned);
    this.element = tablePart("td", "cell", "cell", figures, this.#bar);
  }

  update({ accepted, planned, lags }) {
    const none = planned === 0 && accepted === 0;
    setAttribute(this.element, "data-tone", lags ? "over" : null);
    setAttribute(this.element, "title", none ? this.#words.notPlanned : null);
    setText(this.#lagging, lags ? this.#words.lagging : "");
    setText(this.#accepted, none ? "" : accepted);
    setText(this.#planned, none ? "–" : `/${planned}`);
    setHidden(this.#bar, none);
    const share = planned === 0 ? 1 : Math.min(1, accepted / planned);
    this.#bar.style.setProperty("--share", `${Math.round(share * 1000) / 10}%`);
  }
}
