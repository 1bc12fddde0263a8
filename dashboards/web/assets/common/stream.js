// The live stream: overviews and ticks as they come, and a watch over their silence.
// The browser reconnects by itself after a broken connection, but not after an error answer (a proxy's 502
// while the centre restarts) nor from a half-open one; then the stream is opened anew here.

/** Whoever looks four times a second says so within 5 s; the centre speaks every 2 s at least. */
export const SILENT_AFTER_MS = 4500;
const REOPEN_AFTER_MS = 12_000;

export class LiveStream {
  #url;
  #on;
  #clock;
  #source = null;
  #heardAt;
  #openedAt;

  /** `on` has `overview(data)` and `tick(data)`; `clock()` gives local milliseconds. */
  constructor(url, on, clock) {
    this.#url = url;
    this.#on = on;
    this.#clock = clock;
    this.#heardAt = clock();
    this.#open();
  }

  /** Milliseconds since the last message. */
  silentFor() {
    return this.#clock() - this.#heardAt;
  }

  /** To be called every second or so. */
  watch() {
    const waited = this.#clock() - Math.max(this.#heardAt, this.#openedAt);
    const gaveUp = this.#source.readyState === EventSource.CLOSED && waited > 2000;
    if (gaveUp || waited > REOPEN_AFTER_MS) this.#open();
  }

  #open() {
    this.#source?.close();
    this.#openedAt = this.#clock();
    this.#source = new EventSource(this.#url);
    for (const event of ["overview", "tick"]) {
      this.#source.addEventListener(event, (message) => {
        this.#heardAt = this.#clock();
        this.#on[event](JSON.parse(message.data));
      });
    }
  }
}
