// A form for one row of the registry, made from its table's description: fields with what they mean, faults at the
// field that they are about.

import { make, setAttribute, setText } from "../common/element.js";
import { CLOSED, cellOf, choiceText, columnName, fieldText, groupsOf, namedBy } from "./cells.js";

let forms = 0;

export class RowForm {
  #words;
  #table;
  #fields = new Map();

  /**
   * `row` is null for a new one; `tables` are all of them and `names(table)` promises the names of one, for what a
   * field may name; `isFixed(column)` says which cells are not this person's to change.
   */
  constructor(words, table, { row, tables, names, isFixed }) {
    this.#words = words;
    this.#table = table;
    const id = `form-${(forms += 1)}`;
    const field = (column) =>
      this.#field(id, column, row, {
        isFixed: isFixed(column) || (row !== null && table.key.includes(column.word)),
        named: namedBy(column, table, tables),
        names,
      });
    const { plain, steps } = groupsOf(table);
    this.element = make("div", "fields", ...plain.map(field));
    for (const columns of steps) {
      const legend = make("legend", "", stepName(columns[0], words));
      this.element.append(make("fieldset", "step", legend, ...columns.map(field)));
    }
  }

  /** What is typed, by column: texts, truths, null for nothing. */
  typed() {
    return Object.fromEntries(
      [...this.#fields].map(([word, { column, input }]) => [word, cellOf(input.value, column)]),
    );
  }

  /** Put these cells into their fields. */
  put(row) {
    for (const [word, { input }] of this.#fields) if (word in row) input.value = fieldText(row[word]);
  }

  /** Say what is wrong at these fields, `[[word, text], …]`; the first one gets the focus. True if all have a field. */
  blame(faults) {
    for (const { input, fault } of this.#fields.values()) {
      setText(fault, "");
      setAttribute(input, "aria-invalid", null);
    }
    const found = faults.filter(([word]) => this.#fields.has(word));
    for (const [word, text] of found) {
      const { input, fault } = this.#fields.get(word);
      setText(fault, fault.textContent ? `${fault.textContent} ${text}` : text);
      setAttribute(input, "aria-invalid", "true");
    }
    if (found.length) this.#fields.get(found[0][0]).input.focus();
    return found.length === faults.length;
  }

  /** The blank fields that must be filled. */
  lacking() {
    return [...this.#fields]
      .filter(([, { column, input }]) => column.required && input.value.trim() === "")
      .map(([word]) => word);
  }

  #field(id, column, row, { isFixed, named, names }) {
    const words = this.#words;
    const input = inputOf(column, words);
    input.id = `${id}-${column.word}`;
    input.name = column.word;
    input.value = fieldText(row?.[column.word]);
    input.disabled = isFixed;
    if (column.required) input.required = true;
    if (named !== null && input.tagName === "INPUT") this.#offer(input, named, names);
    const label = make(
      "label",
      "",
      columnName(column, words),
      column.required ? make("span", "must", ` ${words.data.must}`) : "",
    );
    label.htmlFor = input.id;
    const meant = words.lang === "zh" ? column.meaning : column.meaning_en;
    const meaning = make("span", "note", meant === columnName(column, words) ? "" : meant);
    meaning.id = `${input.id}-meaning`;
    const fault = make("span", "fault");
    fault.id = `${input.id}-fault`;
    fault.setAttribute("role", "alert");
    input.setAttribute("aria-describedby", `${meaning.id} ${fault.id}`);
    this.#fields.set(column.word, { column, input, fault });
    return make("div", "field-box", label, input, meaning, fault);
  }

  /** Offer the names that are known; another one is refused by the centre. */
  #offer(input, named, names) {
    const list = make("datalist");
    list.id = `${input.id}-names`;
    input.setAttribute("list", list.id);
    input.after(list);
    input.addEventListener(
      "focus",
      async () => {
        const known = await names(named);
        list.replaceChildren(...known.map((name) => Object.assign(document.createElement("option"), { value: name })));
        if (!list.isConnected) input.after(list);
      },
      { once: true },
    );
  }

  /** The table that it is for. */
  get table() {
    return this.#table;
  }
}

function stepName(column, words) {
  return column.word === CLOSED ? "" : (words.steps[column.word] ?? columnName(column, words));
}

function inputOf(column, words) {
  if (column.cell === "choice")
    return selectOf(
      Object.keys(column.choices).map((value) => [value, choiceText(value, column, words)]),
      words,
    );
  if (column.cell === "yes_no")
    return selectOf(
      [
        ["true", words.truth.true],
        ["false", words.truth.false],
      ],
      words,
    );
  const input = make("input");
  input.type = column.cell === "day" ? "date" : "text";
  if (column.cell === "whole") input.inputMode = "numeric";
  if (column.cell === "amount") input.inputMode = "decimal";
  input.autocomplete = "off";
  return input;
}

function selectOf(options, words) {
  const blank = make("option", "", words.data.blank);
  blank.value = "";
  const select = make("select", "", blank);
  for (const [value, text] of options) select.append(Object.assign(make("option", "", text), { value }));
  return select;
}
