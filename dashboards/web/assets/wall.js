// The wall of one mine. The only module that reads a clock or the address: it lets the parts meet.

import { Announcer } from "./announcer.js";
import { findMine, followPlan } from "./centre.js";
import { Chambers } from "./chambers.js";
import { make, setAttribute } from "./element.js";
import { EmptyNote } from "./empty_note.js";
import { Faces } from "./faces.js";
import { Header } from "./header.js";
import { WALL, layoutFor } from "./layout.js";
import { Links } from "./links.js";
import { Outage } from "./outage.js";
import { Paging, onPage, pagesOf } from "./paging.js";
import { PlanTable } from "./plan_table.js";
import { ServerClock } from "./server_clock.js";
import { byUrgency, isAbnormal, lookOf } from "./states.js";
import { fromOverview, mergeTick } from "./store.js";
import { LiveStream, SILENT_AFTER_MS } from "./stream.js";
import { wordsOf } from "./words.js";

const BEAT_MS = 250;
const local = () => performance.now();

class Wall {
  #words;
  #onWall = matchMedia(WALL);
  #clock = new ServerClock();
  #paging = new Paging();
  #stream = null;
  #state = null;
  #progress = null;
  #scheduled = false;
  #beats = 0;
  #board = make("main", "board");

  constructor(lang, address) {
    this.#words = wordsOf(lang);
    const words = this.#words;
    document.documentElement.lang = words.tag;
    this.outage = new Outage(words);
    this.header = new Header(words, this.outage.element, otherLanguage(address, words), () => this.#pause());
    this.announcer = new Announcer(words);
    this.faces = new Faces(words);
    this.chambers = new Chambers(words);
    this.plan = new PlanTable(words);
    this.links = new Links(words);
    const parts = [this.faces, this.chambers, this.plan, this.links];
    this.#board.append(...parts.map((part) => part.element));
    this.notes = Object.fromEntries(
      ["faces", "chambers", "plan", "links"].map((part) => [part, new EmptyNote(this[part].element)]),
    );
    document.body.append(this.header.element, this.#board, this.announcer.element);
    this.opening = new EmptyNote(document.body);
    this.#say("connecting");
  }

  /** Find the mine, then follow it for ever. */
  async run(wanted) {
    setInterval(() => this.#beat(), BEAT_MS);
    this.#onWall.addEventListener("change", () => this.#schedule());
    document.addEventListener("keydown", (event) => this.#key(event));
    const mine = await findMine(wanted, (reason) => this.#say(reason));
    const on = { overview: (overview) => this.#replace(overview), tick: (tick) => this.#merge(tick) };
    this.#stream = new LiveStream(`/api/v1/live?mine=${encodeURIComponent(mine)}`, on, local);
    await followPlan((progress) => {
      this.#progress = progress;
      this.#schedule();
    });
  }

  #say(reason) {
    this.opening.show(this.#words.empty[reason]);
    setAttribute(document.body, "data-state", "opening");
  }

  #replace(overview) {
    this.#state = fromOverview(overview);
    this.#clock.sync(Date.parse(overview.now), local(), overview.speed);
    this.opening.show(null);
    this.#schedule();
  }

  #merge(tick) {
    if (this.#state === null) return;
    mergeTick(this.#state, tick);
    this.#clock.sync(Date.parse(tick.now), local());
    this.#schedule();
  }

  #beat() {
    const silentMs = this.#stream?.silentFor() ?? 0;
    this.#stream?.watch();
    if (this.#state === null) {
      if (silentMs > SILENT_AFTER_MS) this.#say("unreachable");
      return;
    }
    const dead = silentMs > SILENT_AFTER_MS;
    setAttribute(document.body, "data-state", dead ? "dead" : "live");
    if (dead) this.outage.show(this.#clock.at(local() - silentMs), silentMs);
    else this.outage.hide();
    this.header.showTime(this.#now());
    this.#beats += 1;
    if (this.#paging.tick(local()) || this.#beats % 4 === 0) this.#schedule();
  }

  /** The centre's time; it stands still while the centre is silent. */
  #now() {
    const silentMs = this.#stream.silentFor();
    return this.#clock.at(local() - (silentMs > SILENT_AFTER_MS ? silentMs : 0));
  }

  #schedule() {
    if (this.#scheduled || this.#state === null) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#render();
    });
  }

  #render() {
    const state = this.#state;
    const now = this.#now();
    const { faces, chambers, links } = inOrder(state, this.#layout());
    const layout = this.#layout();
    const page = this.#fit(layout, faces, chambers, links);
    this.header.update(state, now);
    this.faces.update(faces, now, onPage(page.faces, layout.facesPerPage, faces.length));
    this.chambers.update(chambers, now, onPage(page.chambers, layout.chambersPerPage, chambers.length));
    this.links.update(links, now, onPage(page.links, layout.linksPerPage, links.length));
    this.plan.update(this.#progress);
    this.#showNotes(faces, chambers, links);
    this.announcer.update(state);
    document.title = this.#title(state);
    document.body.dataset.frames = Number(document.body.dataset.frames ?? 0) + 1;
  }

  #layout() {
    const { faces, chambers, links } = this.#state;
    return layoutFor(faces.size, chambers.size, links.size, this.#onWall.matches);
  }

  /** Turn to the page and set the board up for it; which page each list is on. */
  #fit(layout, faces, chambers, links) {
    const paging = this.#paging;
    const chamberPages = pagesOf(chambers.length, layout.chambersPerPage);
    const linkPages = pagesOf(links.length, layout.linksPerPage);
    const sidePages = layout.crowded ? chamberPages + linkPages : Math.max(chamberPages, linkPages);
    paging.fit(Math.max(sidePages, pagesOf(faces.length, layout.facesPerPage)));
    const side = paging.page % sidePages;
    const office = layout.crowded && side >= chamberPages;
    for (const [name, value] of Object.entries({
      "data-form": layout.form,
      "data-chambers": layout.chamberForm,
      "data-crowded": layout.crowded ? "" : null,
      "data-side": office ? "office" : "chambers",
    })) {
      setAttribute(this.#board, name, value);
    }
    this.#board.style.setProperty("--columns", layout.columns);
    this.#board.style.setProperty("--rows", layout.rows);
    this.header.showTurn(paging.page, paging.pages, paging.paused);
    return { faces: paging.page, chambers: side, links: office ? side - chamberPages : side };
  }

  #showNotes(faces, chambers, links) {
    const { empty } = this.#words;
    this.notes.faces.show(faces.length === 0 ? empty.faces : null);
    this.notes.chambers.show(chambers.length === 0 ? empty.chambers : null);
    this.notes.links.show(links.length === 0 ? empty.links : null);
    this.notes.plan.show(this.#progress === null ? empty.plan : null);
  }

  #title(state) {
    const all = [...state.faces.values(), ...state.chambers.values()].filter((each) => isAbnormal(each.state));
    const blind = all.filter((each) => lookOf(each.state).tone === "unknown").length;
    return `${this.#words.titleCounts(all.length - blind, blind)}${state.mine.name} · ${this.#words.product}`;
  }

  #pause() {
    this.#paging.paused = !this.#paging.paused;
    this.#schedule();
  }

  #key({ key, target }) {
    const by = { ArrowLeft: -1, PageUp: -1, ArrowRight: 1, PageDown: 1 }[key];
    if (by === undefined || this.#paging.pages < 2 || target.closest("a")) return;
    this.#paging.turn(by, local());
    this.#schedule();
  }
}

/** Everything in the mine's own order while it fits on one page, the most urgent first where pages turn. */
function inOrder(state, layout) {
  const order = (items, perPage) => (items.length > perPage ? byUrgency(items) : items);
  const links = [...state.links.values()];
  return {
    faces: order([...state.faces.values()], layout.facesPerPage),
    chambers: order([...state.chambers.values()], layout.chambersPerPage),
    links: links.length > layout.linksPerPage ? links.sort((a, b) => a.online - b.online) : links,
  };
}

function otherLanguage(address, words) {
  const other = new URL(address);
  other.searchParams.set("lang", words.other.code);
  return other.pathname + other.search;
}

const address = new URL(location.href);
new Wall(address.searchParams.get("lang"), address).run(address.searchParams.get("mine"));
