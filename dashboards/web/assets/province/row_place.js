// One row of the registry: change it with a reason, close or reopen it, see what was done to it. A change that someone
// else was quicker with is shown beside theirs.

import { ask } from "../common/centre.js";
import { make, setAttribute, setHidden, setText } from "../common/element.js";
import { Outcome, Panel, faultOf } from "../common/panel.js";
import { CLOSED, cellText, changesOf, columnName, fieldText, keyOf, readFault, rowTitle, tableName } from "./cells.js";
import { button } from "./desk.js";
import { historyPanel } from "./history.js";
import { REGISTRY, change, close, namesOf, rowNow, rowWith } from "./registry.js";
import { RowForm } from "./row_form.js";

/** Columns and tables that are the authority's to fill in; the centre refuses them to others. */
const ACCEPTED = { tables: ["acceptances", "payments"], columns: /^(in_library|accepted)_(on|document|by)$/ };

export function openRow(desk, word, id) {
  const { words } = desk;
  const heading = desk.heading("", { isDated: false, trail: [desk.link(words.data.title, "data")] });
  const body = make("div", "row-place");
  new RowPlace(desk, { word, id: id === "new" ? null : Number(id) }, heading, body).open();
  return [heading, body];
}

class RowPlace {
  #desk;
  #words;
  #of;
  #heading;
  #body;
  #table = null;
  #tables = [];
  #row = null;
  #form = null;
  #why = make("input");
  #whyFault = make("span", "fault");
  #outcome = new Outcome();
  #conflict = make("div", "conflict");
  #save;

  constructor(desk, of, heading, body) {
    this.#desk = desk;
    this.#words = desk.words;
    this.#of = of;
    this.#heading = heading;
    this.#body = body;
  }

  /** Read the row and show it; `said` is what came of the last act. */
  async open(said = "") {
    const { word, id } = this.#of;
    const [described, found] = await Promise.all([
      this.#desk.get(REGISTRY),
      id === null ? { ok: true, data: null } : rowNow(word, id),
    ]);
    const panel = new Panel(this.#words, this.#words.data.row);
    const failed =
      [described, found].find(({ ok }) => !ok) ??
      (id !== null && found.data === null ? { status: 404, data: null } : undefined);
    if (failed !== undefined) {
      panel.fault(failed);
      this.#body.replaceChildren(panel.element);
      return;
    }
    this.#tables = described.data.tables;
    this.#table = this.#tables.find((table) => table.word === word);
    this.#row = found.data;
    this.#title();
    this.#show(panel);
    this.#outcome.say(said);
    if (said) this.#save.focus(); // what had the focus is drawn anew
  }

  #title() {
    const title =
      this.#row === null ? this.#words.data.new(tableName(this.#table, this.#words)) : rowTitle(this.#row, this.#table);
    this.#heading.querySelector("h1").textContent = title;
    document.title = `${title} · ${this.#words.product}`;
    this.#heading
      .querySelector(".trail")
      .replaceChildren(
        this.#desk.link(this.#words.data.title, "data"),
        " › ",
        this.#desk.link(tableName(this.#table, this.#words), "data", this.#table.word),
        " › ",
      );
  }

  #show(panel) {
    const words = this.#words;
    this.#form = new RowForm(words, this.#table, {
      row: this.#row,
      tables: this.#tables,
      names: (table) => namesOf(this.#desk, table),
      isFixed: (column) => this.#isFixed(column),
    });
    this.#why = make("input");
    this.#why.id = "why";
    this.#why.required = true;
    this.#whyFault.id = "why-fault";
    this.#whyFault.setAttribute("role", "alert");
    this.#why.setAttribute("aria-describedby", this.#whyFault.id);
    this.#blameWhy("");
    this.#save = make("button", "first", words.data.save);
    const label = make("label", "", words.data.why, make("span", "must", ` ${words.data.must}`));
    label.htmlFor = "why";
    setHidden(this.#conflict, true);
    const parts = [this.#conflict, this.#form.element];
    if (this.#isMine())
      parts.push(
        make("div", "field-box why", label, this.#why, make("span", "note", words.data.whyNote), this.#whyFault),
        make("div", "controls", this.#save, ...this.#closing()),
        this.#outcome.element, // beside the buttons, where the person looks
      );
    else parts.unshift(make("p", "note", this.#desk.may("edit") ? words.data.notYours : words.data.readOnly));
    const form = make("form", "", ...parts);
    form.noValidate = true; // what is wrong is said here, in the page's own language
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(this.#row?.revision ?? null);
    });
    panel.show(
      ...(this.#row?.[CLOSED] ? [make("p", "fault", words.data.closedOn(this.#row[CLOSED]))] : []),
      form,
    );
    const history = new Panel(words, words.history.title);
    if (this.#row !== null) historyPanel(history, this.#desk, this.#table.word, this.#row.id);
    this.#body.replaceChildren(panel.element, ...(this.#row === null ? [] : [history.element]));
  }

  #isMine() {
    return this.#desk.may("edit") && (this.#desk.may("accept") || !ACCEPTED.tables.includes(this.#table.word));
  }

  #isFixed({ word }) {
    if (!this.#isMine()) return true;
    return this.#table.word === "projects" && ACCEPTED.columns.test(word) && !this.#desk.may("accept");
  }

  /** Closing and reopening: a day, a button. */
  #closing() {
    if (this.#row === null) return [];
    const words = this.#words;
    if (this.#row[CLOSED] !== null) return [button(words.data.reopen, () => this.#end(null))];
    const column = this.#table.columns.find(({ word }) => word === CLOSED);
    const day = make("input");
    day.type = "date";
    day.value = this.#desk.day;
    return [
      make("label", "field", make("span", "label", columnName(column, words)), day),
      button(words.data.close, () => this.#end(day.value || null)),
    ];
  }

  async #end(on) {
    if (!this.#hasReason()) return;
    if (on === null && this.#row[CLOSED] === null) {
      this.#outcome.say(this.#words.data.noDay, true);
      return;
    }
    const answer = await close(this.#table.word, {
      why: this.#why.value.trim(),
      key: keyOf(this.#row, this.#table),
      on,
      revision: this.#row.revision,
    });
    await this.#took(answer, on === null ? this.#words.data.reopened : this.#words.data.closedOn(on));
  }

  /** Is there a reason? Else say so at its field. */
  #isReasoned() {
    const isReasoned = this.#why.value.trim() !== "";
    this.#blameWhy(isReasoned ? "" : this.#words.data.lacking);
    return isReasoned;
  }

  #blameWhy(text) {
    setText(this.#whyFault, text);
    setAttribute(this.#why, "aria-invalid", text ? "true" : null);
  }

  #hasReason() {
    if (this.#isReasoned()) return true;
    this.#outcome.say(this.#words.data.noWhy, true);
    this.#why.focus();
    return false;
  }

  async #send(revision) {
    const lacking = this.#form.lacking();
    this.#form.blame(lacking.map((word) => [word, this.#words.data.lacking]));
    if (lacking.length) {
      this.#outcome.say(this.#words.data.lackingAll(lacking.length + Number(!this.#isReasoned())), true);
      return;
    }
    const row = changesOf(this.#form.typed(), this.#row, this.#table);
    if (this.#row !== null && Object.keys(row).every((word) => this.#table.key.includes(word))) {
      this.#outcome.say(this.#words.data.nothing);
      return;
    }
    if (!this.#hasReason()) return;
    this.#save.disabled = true;
    const answer = await change(this.#table.word, { why: this.#why.value.trim(), row, revision });
    this.#save.disabled = false;
    await this.#took(answer, this.#words.data.saved, row);
  }

  /** What the centre made of an act. */
  async #took(answer, done, row = {}) {
    if (answer.ok) {
      this.#desk.forget();
      if (this.#of.id !== null) await this.open(done);
      else await this.#goToNew(row, done);
      return;
    }
    if (answer.status === 422) this.#blame(answer.data?.detail);
    else if (answer.status === 409 && this.#row !== null && (await this.#isOutdated(row))) return;
    else this.#outcome.say(faultOf(answer, this.#words).join(this.#words.stop), true);
  }

  async #goToNew(row, done) {
    const stored = await rowWith(this.#desk, this.#table, row);
    if (stored === null) {
      this.#desk.go("data", this.#table.word);
      return;
    }
    history.replaceState(null, "", `#data/${this.#table.word}/${stored.id}`);
    this.#of = { word: this.#of.word, id: stored.id };
    await this.open(done);
  }

  #blame(detail) {
    const faults = (Array.isArray(detail) ? detail : [{ what: String(detail ?? "") }]).map(({ what }) =>
      readFault(what, this.#table, this.#tables, this.#words),
    );
    this.#form.blame(faults.filter(({ column }) => column !== null).map(({ column, said }) => [column.word, said]));
    this.#outcome.say(
      faults
        .map(({ column, said }) => this.#named(column, said))
        .join(this.#words.stop),
      true,
    );
  }

  /** A fault with the column that it is about, where it does not begin with it. */
  #named(column, said) {
    const name = column === null ? "" : columnName(column, this.#words);
    return name === "" || said.startsWith(name) ? said : this.#words.data.at(name, said);
  }

  /** Has someone else changed the row since it was read? Then show theirs beside ours, and let the person choose. */
  async #isOutdated(row) {
    const now = await rowNow(this.#table.word, this.#row.id);
    if (!now.ok || now.data === null || now.data.revision === this.#row.revision) return false;
    const told = await ask(`${REGISTRY}/${this.#table.word}/${this.#row.id}/history`);
    const last = told.ok ? told.data.entries.at(-1) : null;
    this.#showConflict(now.data, row, last);
    return true;
  }

  #showConflict(now, row, last) {
    const words = this.#words;
    const mine = button(
      words.data.keepMine,
      () => {
        this.#form.put(Object.fromEntries(Object.entries(now).filter(([word]) => !(word in row))));
        this.#row = now;
        setHidden(this.#conflict, true);
        this.#send(now.revision);
      },
      "first",
    );
    const theirs = button(words.data.takeTheirs, () => this.open());
    this.#conflict.replaceChildren(
      make("p", "fault", words.data.conflict(last?.who ?? words.unknown, last?.why ?? "")),
      make("div", "wide", this.#compared(now, row)),
      make("div", "controls", mine, theirs),
    );
    setHidden(this.#conflict, false);
    this.#outcome.say("");
    mine.focus();
  }

  /** The cells that either has changed: as they were read, theirs, ours. */
  #compared(now, row) {
    const words = this.#words;
    const differs = ({ word }) =>
      (word in row && !this.#table.key.includes(word)) || fieldText(now[word]) !== fieldText(this.#row[word]);
    const line = (column) => {
      const text = (value) => cellText(value, column, words) || words.data.blank;
      const name = Object.assign(make("th", "", columnName(column, words)), { scope: "row" });
      const mine = column.word in row ? text(row[column.word]) : words.data.same;
      return make(
        "tr",
        "",
        name,
        make("td", "", text(this.#row[column.word])),
        make("td", "", text(now[column.word])),
        make("td", "", mine),
      );
    };
    const heads = [words.data.column, words.data.read, words.data.theirs, words.data.yours].map((name) =>
      Object.assign(make("th", "", name), { scope: "col" }),
    );
    return make(
      "table",
      "",
      make("thead", "", make("tr", "", ...heads)),
      make("tbody", "", ...this.#table.columns.filter(differs).map(line)),
    );
  }
}
