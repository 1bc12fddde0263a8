// Taking in a workbook or a CSV: checked first, with every fault by its row and column and how to mend it, then taken in
// whole or not at all. Templates and exports stand beside it.

import { make, setHidden } from "../common/element.js";
import { Outcome, Panel, faultOf } from "../common/panel.js";
import { Table } from "../common/table.js";
import { columnName, readFault, tableName } from "./cells.js";
import { button } from "./desk.js";
import { Downloads } from "./download.js";
import { fileName } from "./project_list.js";
import { REGISTRY } from "./registry.js";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const BYTES_MAX = 16 * 1024 * 1024;

export function open(desk) {
  const { words } = desk;
  const files = new Panel(words, words.imports.files);
  files.show(
    new Downloads(words, [
      { word: words.imports.template, path: () => `${REGISTRY}/template.xlsx`, isFirst: true },
      { word: words.imports.export, path: () => `${REGISTRY}/export.xlsx` },
      { word: words.imports.projects, path: () => `${REGISTRY}/projects.csv` },
    ]).element,
    make("p", "note", words.imports.filesNote),
  );
  const nodes = [desk.heading(words.imports.title, { isDated: false }), files.element];
  if (!desk.may("edit")) return [...nodes, make("p", "note", words.data.readOnly)];
  const panel = new Panel(words, words.imports.take);
  desk.fill(panel, [REGISTRY], ({ tables }) => new Intake(desk, tables).nodes());
  return [...nodes, panel.element];
}

class Intake {
  #desk;
  #words;
  #tables;
  #file = make("input");
  #table = make("select");
  #tableField;
  #why = make("input");
  #check;
  #take;
  #outcome = new Outcome();
  #faults = make("div", "faults");

  constructor(desk, tables) {
    this.#desk = desk;
    this.#words = desk.words;
    this.#tables = tables;
    const { imports } = desk.words;
    this.#file.type = "file";
    this.#file.accept = ".xlsx,.csv";
    this.#file.addEventListener("change", () => this.#chosen());
    for (const table of tables)
      this.#table.append(Object.assign(make("option", "", tableName(table, desk.words)), { value: table.word }));
    this.#table.value = "projects";
    this.#table.addEventListener("change", () => this.#unchecked());
    this.#tableField = this.#field("table", imports.table, this.#table);
    setHidden(this.#tableField, true);
    this.#check = button(imports.check, () => this.#send(true), "first");
    this.#take = button(imports.apply, () => this.#send(false));
    this.#unchecked();
  }

  nodes() {
    const { imports, data } = this.#words;
    return [
      make(
        "div",
        "fields",
        this.#field("file", imports.file, this.#file, imports.fileNote),
        this.#tableField,
        this.#field("why", data.why, this.#why, data.whyNote, true),
      ),
      make("div", "controls", this.#check, this.#take),
      this.#outcome.element,
      this.#faults,
    ];
  }

  #field(id, name, input, note = "", isRequired = false) {
    const label = make("label", "", name, isRequired ? make("span", "must", ` ${this.#words.data.must}`) : "");
    input.required = isRequired;
    const said = make("span", "note", note);
    input.id = label.htmlFor = `import-${id}`;
    said.id = `${input.id}-note`;
    input.setAttribute("aria-describedby", said.id);
    return make("div", "field-box", label, input, said);
  }

  #chosen() {
    setHidden(this.#tableField, !this.#isCsv());
    this.#unchecked();
  }

  /** What was checked is no longer what would be taken. */
  #unchecked() {
    this.#take.disabled = true;
    this.#outcome.say("");
    this.#faults.replaceChildren();
  }

  #isCsv() {
    return this.#file.files[0]?.name.toLowerCase().endsWith(".csv") === true;
  }

  async #send(isDry) {
    const { imports, data } = this.#words;
    const file = this.#file.files[0];
    if (file === undefined) return this.#outcome.say(imports.noFile, true);
    if (file.size > BYTES_MAX) return this.#outcome.say(imports.tooLarge, true);
    if (this.#why.value.trim() === "") {
      this.#why.focus();
      return this.#outcome.say(data.noWhy, true);
    }
    this.#busy(true);
    this.#outcome.say(isDry ? imports.checking : imports.taking);
    const answer = await this.#post(file, isDry);
    this.#busy(false);
    this.#told(answer, isDry);
  }

  #busy(isBusy) {
    this.#check.disabled = isBusy;
    this.#take.disabled = true;
  }

  async #post(file, isDry) {
    const asked = new URLSearchParams({ why: this.#why.value.trim(), dry_run: String(isDry) });
    if (this.#isCsv()) asked.set("table", this.#table.value);
    try {
      const answer = await fetch(`${REGISTRY}/import?${asked}`, {
        method: "POST",
        headers: { "content-type": this.#isCsv() ? "text/csv" : XLSX, accept: "application/json" },
        body: file,
      });
      return { ok: answer.ok, status: answer.status, data: await answer.json().catch(() => null) };
    } catch {
      return { ok: false, status: 0, data: null };
    }
  }

  #told(answer, isDry) {
    const { imports } = this.#words;
    if (answer.ok) {
      const counts = {
        added: summed(answer.data.added),
        changed: summed(answer.data.changed),
        unchanged: answer.data.unchanged,
      };
      this.#faults.replaceChildren();
      this.#outcome.say((isDry ? imports.checked : imports.taken)(counts));
      this.#take.disabled = !isDry || counts.added + counts.changed === 0;
      if (!isDry) this.#desk.forget();
      return;
    }
    if (answer.status === 422 && Array.isArray(answer.data?.detail)) this.#showFaults(answer.data.detail);
    else this.#outcome.say(faultOf(answer, this.#words).join(this.#words.stop), true);
  }

  #showFaults(detail) {
    const words = this.#words;
    this.#outcome.say(words.imports.faults(detail.length), true);
    const rows = detail.map((fault, index) => ({ ...fault, index, ...this.#read(fault) }));
    const table = new Table(
      words,
      [
        {
          key: "line",
          title: words.imports.line,
          number: true,
          show: (row) => (row.line === null ? words.imports.whole : String(row.line)),
          value: (row) => row.line,
        },
        { key: "sheet", title: words.imports.sheet, show: (row) => row.sheet },
        {
          key: "column",
          title: words.imports.column,
          show: (row) => (row.column === null ? words.spans.none : columnName(row.column, words)),
        },
        {
          key: "said",
          title: words.imports.mend,
          show: (row) => make("span", "mend", row.said),
          value: (row) => row.said,
        },
      ],
      { caption: words.imports.faultList, key: (row) => String(row.index) },
    );
    table.show(rows);
    this.#faults.replaceChildren(
      make(
        "div",
        "controls",
        table.csvButton(() => fileName(this.#desk, words.imports.faultList)),
      ),
      table.element,
    );
  }

  /** Which table and column a fault is about. */
  #read({ file, what }) {
    const quoted = /“([^”]+)”$/.exec(file ?? "")?.[1];
    const word = this.#isCsv() ? this.#table.value : null;
    const table = this.#tables.find((each) => each.zh === quoted || each.word === (word ?? quoted));
    return {
      sheet: table === undefined ? (quoted ?? "") : tableName(table, this.#words),
      ...readFault(what, table, this.#tables, this.#words),
    };
  }
}

/** Rows of all tables, `{table: count}`. */
function summed(byTable) {
  return Object.values(byTable).reduce((total, count) => total + count, 0);
}
