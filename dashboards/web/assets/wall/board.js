// The board: faces, alarms, key figures, chambers and links, laid out for how many there are and for the screen.

import { Alarms } from "./alarms.js";
import { Chambers } from "./chambers.js";
import { make, setAttribute, setHidden } from "../common/element.js";
import { EmptyNote } from "../common/empty_note.js";
import { Faces } from "./faces.js";
import { KeyPanel } from "./key_panel.js";
import { keyValues } from "./key_values.js";
import { WALL, layoutFor } from "./layout.js";
import { Links, isBlind } from "./links.js";
import { Paging, onPage, pagesOf } from "./paging.js";
import { byUrgency } from "../common/states.js";

export class Board {
  #words;
  #parts;
  #notes = {};
  #onWall = matchMedia(WALL);
  paging = new Paging();

  /** `acknowledge(id)` and `local()` as for `Alarms`; `onResize()` when the screen becomes a wall or a column. */
  constructor(words, acknowledge, local, onResize) {
    this.#words = words;
    const [faces, alarms, keys, links, chambers] = [
      new Faces(words),
      new Alarms(words, acknowledge, local),
      new KeyPanel(words),
      new Links(words),
      new Chambers(words),
    ];
    this.#parts = { faces, alarms, keys, links, chambers };
    const figures = make("div", "figures", keys.element, links.element);
    this.element = make("main", "board", alarms.element, faces.element, figures, chambers.element);
    for (const [name, part] of Object.entries(this.#parts)) this.#notes[name] = new EmptyNote(part.element);
    this.#onWall.addEventListener("change", onResize);
  }

  /** `local` are local milliseconds, `visitor` is a `Session`, `pathOf(place)` the address of the page about a place. */
  update(state, now, local, visitor, pathOf) {
    const onWall = this.#onWall.matches;
    const layout = layoutFor(state.faces.size, state.chambers.size, onWall);
    const faces = inOrder(state.faces, layout.facesPerPage);
    const chambers = inOrder(state.chambers, layout.chambersPerPage);
    const page = this.#turnTo(layout, faces, chambers);
    const links = [...state.links.values()];
    const shownLinks = onWall ? links.filter((link) => isBlind(link, now)).slice(0, layout.blindRoom) : links;
    const values = keyValues(state.faces.values(), state.chambers.values());
    const alarms = state.alarms?.shown ?? [];
    const parts = this.#parts;
    this.#arrange(layout, page.isOffice);
    parts.faces.update(faces, alarms, now, onPage(page.faces, layout.facesPerPage, faces.length), pathOf);
    parts.chambers.update(chambers, now, onPage(page.chambers, layout.chambersPerPage, chambers.length), pathOf);
    parts.keys.update(values, alarms, layout.keyRoom - shownLinks.length);
    parts.links.update(shownLinks, now);
    if (state.alarms) parts.alarms.update(state.alarms, now, local, layout.alarmRoom, visitor.signature);
    setHidden(parts.links.element, onWall && shownLinks.length === 0 && links.length > 0);
    this.#showNotes(state, values, links);
  }

  #showNotes(state, values, links) {
    const { empty } = this.#words;
    const missing = {
      faces: state.faces.size === 0,
      chambers: state.chambers.size === 0,
      keys: values.length === 0,
      links: links.length === 0,
      alarms: state.alarms?.shown.length === 0,
    };
    for (const [name, note] of Object.entries(this.#notes)) note.show(missing[name] ? empty[name] : null);
    if (!state.alarms) this.#notes.alarms.show(empty.alarmsUnknown);
  }

  /** Which page each list is on. Where there is no room for both, chambers and key figures take turns. */
  #turnTo(layout, faces, chambers) {
    const chamberPages = pagesOf(chambers.length, layout.chambersPerPage);
    const sidePages = chamberPages + (layout.turns ? 1 : 0);
    this.paging.fit(Math.max(sidePages, pagesOf(faces.length, layout.facesPerPage)));
    const side = this.paging.page % sidePages;
    return { faces: this.paging.page, chambers: side, isOffice: side >= chamberPages };
  }

  #arrange(layout, isOffice) {
    setAttribute(this.element, "data-form", layout.form);
    setAttribute(this.element, "data-chambers", layout.chamberForm);
    setAttribute(this.element, "data-rows", layout.rows);
    setAttribute(this.element, "data-crowded", layout.crowded ? "" : null);
    setAttribute(this.element, "data-side", !layout.turns ? "both" : isOffice ? "figures" : "chambers");
    this.element.style.setProperty("--columns", layout.columns);
    this.element.style.setProperty("--rows", layout.rows);
  }
}

/** In the mine's own order, so that each keeps its place; the most urgent first where pages turn. */
function inOrder(items, perPage) {
  const all = [...items.values()];
  return all.length > perPage ? byUrgency(all) : all;
}
