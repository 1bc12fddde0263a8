// When to sound, as ISA-18.2 wants it: every new alarm once, in the manner of its priority; and again and again only
// while one of the two upper priorities waits for an acknowledgement. Acknowledged anywhere, it is quiet everywhere.
// Pure: time is an argument.

import { PRIORITIES, isWaiting, rankOf } from "../common/alarm_looks.js";

const REPEAT_MS = { critical: 10_000, high: 30_000 };
const AT_ONCE_MS = 1500; // one sound for what comes together

export class Annunciator {
  #seen = null;
  #due = null;
  #soundedAt = -Infinity;

  /**
   * Compare with the last call. Gives the priority to sound now, or null. At the first call only what sounds again
   * and again is new: a wall that is opened does not ring for what was there.
   */
  update(alarms, local) {
    const waiting = alarms.filter(isWaiting);
    const seen = new Map(waiting.map((alarm) => [alarm.id, rankOf(alarm)]));
    const worst = worstOf(waiting);
    if (this.#seen !== null) this.#expect(waiting.filter((alarm) => rankOf(alarm) < (this.#seen.get(alarm.id) ?? Infinity)));
    this.#seen = seen;
    if (this.#due !== null && local - this.#soundedAt >= AT_ONCE_MS) return this.#sound(PRIORITIES[this.#due], local);
    const again = REPEAT_MS[worst];
    return again !== undefined && local - this.#soundedAt >= again ? this.#sound(worst, local) : null;
  }

  #expect(news) {
    for (const alarm of news) this.#due = Math.min(this.#due ?? Infinity, rankOf(alarm));
  }

  #sound(priority, local) {
    this.#due = null;
    this.#soundedAt = local;
    return priority;
  }
}

function worstOf(alarms) {
  return alarms.length === 0 ? null : PRIORITIES[Math.min(...alarms.map(rankOf))];
}
