// What a mine is now, kept current by the live stream, for whichever place is open.

import { ServerClock } from "../common/server_clock.js";
import { LiveStream, SILENT_AFTER_MS } from "../common/stream.js";

const WATCH_MS = 1000;
const local = () => performance.now();

export class LiveMine {
  #clock = new ServerClock();
  #stream;
  #onChange;
  /** The overview as the API gives it; null before the first. */
  state = null;

  /** `onChange()` is called with every message, and every second, since everything ages. */
  constructor(mine, onChange) {
    this.#onChange = onChange;
    const on = { overview: (overview) => this.#replace(overview), tick: (tick) => this.#merge(tick) };
    this.#stream = new LiveStream(`/api/v1/live?mine=${encodeURIComponent(mine)}`, on, local);
    setInterval(() => this.#watch(), WATCH_MS);
  }

  /** The centre's time; null before it was heard. */
  get now() {
    return this.#clock.at(local());
  }

  /** Has nothing been heard for too long? */
  get isSilent() {
    return this.#stream.silentFor() > SILENT_AFTER_MS;
  }

  #replace(overview) {
    this.state = overview;
    this.#clock.sync(Date.parse(overview.now), local(), overview.speed);
    this.#onChange();
  }

  #merge(tick) {
    if (this.state === null) return;
    const { faces, chambers, ...whole } = tick;
    this.state = {
      ...this.state,
      ...whole,
      faces: merged(this.state.faces, faces),
      chambers: merged(this.state.chambers, chambers),
    };
    this.#clock.sync(Date.parse(tick.now), local());
    this.#onChange();
  }

  #watch() {
    this.#stream.watch();
    this.#onChange();
  }
}

/** Those that changed in the places of those that they were. */
function merged(before, changed = []) {
  const by = new Map(changed.map((each) => [each.code, each]));
  return before.map((each) => by.get(each.code) ?? each);
}
