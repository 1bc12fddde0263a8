// Places within a page: each is a hash of parts, `#face/F1/2022-03-01`, so that it can be kept, sent and gone back to.

import { make, setAttribute } from "./element.js";

/** The parts of a hash; an empty list for none. */
export function partsOf(hash) {
  return hash.replace(/^#/, "").split("/").filter(Boolean).map(decoded);
}

/** The hash of some parts; those that are null end it. */
export function hashOf(...parts) {
  const end = parts.findIndex((part) => part === null || part === undefined);
  return `#${(end < 0 ? parts : parts.slice(0, end)).map(encodeURIComponent).join("/")}`;
}

/** A link to a place of this page. */
export function placeLink(text, ...parts) {
  const link = make("a", "", text);
  link.href = hashOf(...parts);
  return link;
}

/** The row of places below the page's top line; the first one is where a page opens. */
export class Places {
  #tabs;
  #onGo;
  #isFirst = true;

  /**
   * `places` are `{id, word}`; `onGo(parts)` is called now and at every change, with the place's id first. It gives,
   * at once or when the place is there, false where that is only another part of what is open: then the focus stays.
   */
  constructor(label, places, onGo) {
    this.#onGo = onGo;
    this.#tabs = new Map(places.map(({ id, word }) => [id, placeLink(word, id)]));
    this.element = make("nav", "places", ...this.#tabs.values());
    this.element.setAttribute("aria-label", label);
  }

  /** Go where the address says, now and whenever it changes. */
  follow() {
    addEventListener("hashchange", () => this.#go());
    this.#go();
  }

  /** Mark the tab that a place belongs to, where its id has none of its own. */
  mark(id) {
    for (const [each, tab] of this.#tabs) setAttribute(tab, "aria-current", each === id ? "page" : null);
    const tab = this.#tabs.get(id);
    if (tab) this.element.scrollLeft = tab.offsetLeft - (this.element.clientWidth - tab.offsetWidth) / 2;
  }

  async #go() {
    const parts = partsOf(location.hash);
    const [first] = this.#tabs.keys();
    if (!parts.length) parts.push(first);
    this.mark(parts[0]);
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    const isOther = (await this.#onGo(parts)) !== false;
    if (isOther && !isFirst) goToTop();
  }
}

/** Another place is another page to a reader: its heading gets the focus, and it is seen from its beginning. */
function goToTop() {
  scrollTo(0, 0);
  const heading = document.querySelector("main h1");
  if (heading === null) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
