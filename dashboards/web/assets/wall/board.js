// The board: faces, chambers, plan and links, laid out for how many there are and for the screen.

import { Chambers } from "./chambers.js";
import { make, setAttribute } from "../common/element.js";
import { EmptyNote } from "../common/empty_note.js";
import { Faces } from "./faces.js";
import { WALL, layoutFor } from "./layout.js";
import { Links } from "./links.js";
import { Paging, onPage, pagesOf } from "./paging.js";
import { PlanTable } from "./plan_table.js";
import { byUrgency } from "../common/states.js";

const PARTS = { faces: Faces, chambers: Chambers, plan: PlanTable, links: Links };

export class Board {
  #words;
  #parts = {};
  #notes = {};
  #onWall = matchMedia(WALL);
  paging = new Paging();

  /** `onResize()` is called when the screen becomes a wall or a column. */
  constructor(words, onResize) {
    this.#words = words;
    this.element = make("main", "board");
    for (const [name, Part] of Object.entries(PARTS)) {
      this.#parts[name] = new Part(words);
      this.#notes[name] = new EmptyNote(this.#parts[name].element);
      this.element.append(this.#parts[name].element);
    }
    this.#onWall.addEventListener("change", onResize);
  }

  update(state, progress, now) {
    const layout = layoutFor(state.faces.size, state.chambers.size, this.#onWall.matches);
    const faces = inOrder(state.faces, layout.facesPerPage, byUrgency);
    const chambers = inOrder(state.chambers, layout.chambersPerPage, byUrgency);
    const links = inOrder(state.links, layout.linksPerPage, offlineFirst);
    const page = this.#turnTo(layout, faces, chambers, links);
    this.#arrange(layout, page.isOffice);
    this.#parts.faces.update(faces, now, onPage(page.faces, layout.facesPerPage, faces.length));
    this.#parts.chambers.update(chambers, now, onPage(page.chambers, layout.chambersPerPage, chambers.length));
    this.#parts.links.update(links, now, onPage(page.links, layout.linksPerPage, links.length));
    this.#parts.plan.update(progress);
    const missing = { faces: faces.length === 0, chambers: chambers.length === 0, links: links.length === 0 };
    for (const [name, note] of Object.entries(this.#notes)) {
      const isMissing = name === "plan" ? progress === null : missing[name];
      note.show(isMissing ? this.#words.empty[name] : null);
    }
  }

  /** Which page each list is on. Without a strip, the side column shows chambers, then plan and links. */
  #turnTo(layout, faces, chambers, links) {
    const chamberPages = pagesOf(chambers.length, layout.chambersPerPage);
    const linkPages = pagesOf(links.length, layout.linksPerPage);
    const sidePages = layout.crowded ? chamberPages + linkPages : Math.max(chamberPages, linkPages);
    this.paging.fit(Math.max(sidePages, pagesOf(faces.length, layout.facesPerPage)));
    const { page } = this.paging;
    const side = page % sidePages;
    const isOffice = layout.crowded && side >= chamberPages;
    return { faces: page, chambers: side, links: isOffice ? side - chamberPages : side, isOffice };
  }

  #arrange(layout, isOffice) {
    setAttribute(this.element, "data-form", layout.form);
    setAttribute(this.element, "data-chambers", layout.chamberForm);
    setAttribute(this.element, "data-crowded", layout.crowded ? "" : null);
    setAttribute(this.element, "data-side", isOffice ? "office" : "chambers");
    this.element.style.setProperty("--columns", layout.columns);
    this.element.style.setProperty("--rows", layout.rows);
  }
}

/** In the mine's own order, so that each keeps its place; the most urgent first where pages turn. */
function inOrder(items, perPage, byRank) {
  const all = [...items.values()];
  return all.length > perPage ? byRank(all) : all;
}

const offlineFirst = (links) => links.sort((a, b) => a.online - b.online);
