// The centre's clock, carried on between its messages. Local clocks are only used to measure elapsed time.
// Messages arrive late by varying amounts: the least late one is the truest, so the clock only steps forward,
// unless it is off by more than a step could explain.

const JITTER_MS = 1500;

export class ServerClock {
  #offset = null;
  #speed = 1;

  /** Take the centre's `now`, read when the local clock said `local`; a demo's clock may run faster. */
  sync(now, local, speed = this.#speed) {
    const offset = now - local * speed;
    const late = this.#offset - offset;
    const keep = this.#offset !== null && speed === this.#speed && late >= 0 && late <= JITTER_MS * speed;
    this.#speed = speed;
    if (!keep) this.#offset = offset;
  }

  /** The centre's time at the local instant; null before the first message. */
  at(local) {
    return this.#offset === null ? null : this.#offset + local * this.#speed;
  }
}
