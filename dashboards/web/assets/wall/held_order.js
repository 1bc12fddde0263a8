// Keeps a list in its order while somebody is at it, so that what they reach for does not move from under their hand;
// what is new stands at the end until then. Not for longer than a while: a pointer may be left lying on a wall.

const HOLD_MS = 8000;

export class HeldOrder {
  #keys = [];
  #touchedAt = -Infinity;

  /** Somebody moved or typed there at `local` milliseconds. */
  touch(local) {
    this.#touchedAt = local;
  }

  /** The items, `[key, item]`, in the order to show. */
  arrange(entries, local) {
    if (local - this.#touchedAt < HOLD_MS) {
      const items = new Map(entries);
      const kept = this.#keys.filter((key) => items.has(key));
      const added = entries.filter(([key]) => !this.#keys.includes(key));
      entries = [...kept.map((key) => [key, items.get(key)]), ...added];
    }
    this.#keys = entries.map(([key]) => key);
    return entries;
  }
}
