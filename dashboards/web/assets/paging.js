// Pages that turn by themselves where not everything fits. The most urgent stand on the first page, which
// stays up twice as long; anyone may pause the turning, or turn by hand.

const PAGE_MS = 12_000;

export class Paging {
  #page = 0;
  #pages = 1;
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
    const stay = this.#page === 0 ? 2 * PAGE_MS : PAGE_MS;
    if (this.paused || this.#pages < 2 || local - this.#turnedAt < stay) return false;
    this.turn(1, local);
    return true;
  }

  turn(by, local) {
    this.#page = (this.#page + by + this.#pages) % this.#pages;
    this.#turnedAt = local;
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
