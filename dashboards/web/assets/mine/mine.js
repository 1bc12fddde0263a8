// The pages of one mine: here the parts meet. Each place is made when it is first opened.

import { findMine } from "../common/centre.js";
import { make, setHidden, setText } from "../common/element.js";
import { EmptyNote } from "../common/empty_note.js";
import { Places } from "../common/places.js";
import { Shell, skipLink, whoIsHere } from "../common/shell.js";
import { spanText } from "../common/time.js";
import { langOf } from "../common/words.js";
import { AlarmsPage } from "./alarms.js";
import { ChamberPage } from "./chamber.js";
import { FacePage } from "./face.js";
import { GatewaysPage } from "./gateways.js";
import { LiveMine } from "./live.js";
import { OverviewPage } from "./overview.js";
import { TrendsPage } from "./trends.js";
import { minePicker } from "./mine_picker.js";
import { wordsOf } from "./words.js";

/** The places that have a tab, in order; faces and chambers are opened from the overview. */
const TABS = ["overview", "alarms", "trends", "gateways"];
const WITHIN = { face: "overview", chamber: "overview" };
const PAGES = {
  overview: OverviewPage,
  face: FacePage,
  chamber: ChamberPage,
  alarms: AlarmsPage,
  trends: TrendsPage,
  gateways: GatewaysPage,
};

class MinePages {
  #words;
  #lang;
  #main = make("main");
  #silent = make("p", "silent");
  #note;
  #picker = make("p");
  #shell;
  #places = null;
  #context = null;
  #open = null;
  #pages = new Map();
  #live = null;
  #heardAt = null;

  constructor(words, lang, session, address) {
    this.#words = words;
    this.#lang = lang;
    this.#shell = new Shell(words, session, address);
    this.#silent.setAttribute("role", "status");
    setHidden(this.#silent, true);
    this.#main.id = "main";
    document.body.append(skipLink(words, this.#main), this.#shell.element, this.#main);
    this.#main.append(this.#silent);
    this.#note = new EmptyNote(this.#main);
    this.#main.append(this.#picker);
    this.#context = { words, lang, session };
  }

  /** Find the mine, then show the place that the address names, for as long as the page is open. */
  async run(wanted) {
    const { mine, mines } = await findMine(wanted, (reason, mines) => this.#offer(reason, mines));
    this.#note.show(null);
    this.#picker.remove();
    this.#context.mine = mine;
    this.#context.api = `/api/v1/mines/${encodeURIComponent(mine)}`;
    const tabs = TABS.map((id) => ({ id, word: this.#words.placeNames[id] }));
    this.#places = new Places(this.#words.navigation, tabs, (parts) => this.#go(parts));
    this.#main.before(this.#places.element);
    if (mines.length > 1) this.#places.element.append(minePicker(this.#words, mines, mine, TABS));
    this.#live = new LiveMine(mine, () => this.#update());
    this.#places.follow();
  }

  /** There is no such mine: say so, and which there are. */
  #offer(reason, mines) {
    this.#note.show(this.#words.empty[reason]);
    const picker = mines.length ? minePicker(this.#words, mines, null, TABS) : make("p");
    this.#picker.replaceWith(picker);
    this.#picker = picker;
  }

  #go(parts) {
    const before = this.#open;
    this.#places?.mark(WITHIN[parts[0]] ?? parts[0]);
    this.#open = this.#page(parts[0]);
    if (this.#open !== before) before?.element.remove();
    this.#note.show(this.#open === null ? this.#words.empty.nowhere : null);
    if (this.#open === null) return true;
    if (this.#open !== before) this.#main.append(this.#open.element);
    const isOther = this.#open.show?.(parts.slice(1)) !== false;
    this.#update();
    return isOther || this.#open !== before;
  }

  #page(id) {
    if (!this.#pages.has(id)) {
      const Page = PAGES[id];
      this.#pages.set(id, Page ? new Page(this.#words, this.#context) : null);
    }
    return this.#pages.get(id);
  }

  #update() {
    const { state, now, isSilent } = this.#live;
    if (!isSilent) this.#heardAt = performance.now();
    setHidden(this.#silent, !isSilent);
    if (isSilent)
      setText(this.#silent, this.#words.silent(spanText(this.#heardAt, performance.now(), this.#words)));
    if (state === null) return;
    this.#shell.markDemo(state.demo);
    this.#open?.live?.({ state, now });
    const title = this.#main.querySelector("h1")?.textContent ?? "";
    document.title = [...new Set([title, state.mine.name, this.#words.product])].filter(Boolean).join(" · ");
    document.body.dataset.frames = Number(document.body.dataset.frames ?? 0) + 1;
  }
}

const address = new URL(location.href);
const lang = langOf(address);
const session = await whoIsHere();
new MinePages(wordsOf(lang), lang, session, address).run(address.searchParams.get("mine"));
