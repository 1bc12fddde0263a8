// Pages that turn by themselves where not everything fits. The most urgent stand on the first page, which comes
// back after every other one; anyone may pause the turning, or turn by hand.

const PAGE_MS = 12_000;

export class Paging {
  #page = 0;
  #pages = 1;
  #lastOther = 0;
  #turnedAt = null;
  paused = false;

  /** How many pages there are now. */
  fit(pages) {
    this.#pages = Math.max(1, pages);
    if (this.#page >= this.#pages) this.#page = 0;
  }

  get page() {
    return this.#page;
  }

  get pages() {
    return this.#pages;
  }

  /** Turn when the time has come; true if so. `local` is local milliseconds. */
  tick(local) {
    this.#turnedAt ??= local;
    if (this.paused || this.#pages < 2 || local - this.#turnedAt < PAGE_MS) return false;
    const next = (this.#lastOther % (this.#pages - 1)) + 1;
    this.#go(this.#page === 0 ? next : 0, local);
    return true;
  }

  /** Turn by hand, `by` pages on. */
  turn(by, local) {
    this.#go((this.#page + by + this.#pages) % this.#pages, local);
  }

  #go(page, local) {
    this.#page = page;
    this.#turnedAt = local;
    if (page > 0) this.#lastOther = page;
  }
}

/** Whether an item stands on the page; a list with fewer pages than the wall starts again. */
export function onPage(page, perPage, count) {
  const pages = pagesOf(count, perPage);
  const mine = page % pages;
  return (index) => perPage === Infinity || Math.floor(index / perPage) === mine;
}

export function pagesOf(count, perPage) {
  return Math.max(1, Math.ceil(count / perPage));
}
