// The wall of one mine. The only module that reads a clock or the address: here the parts meet.

import { Announcer } from "./announcer.js";
import { Board } from "./board.js";
import { findMine, followPlan } from "../common/centre.js";
import { setAttribute } from "../common/element.js";
import { EmptyNote } from "../common/empty_note.js";
import { Header } from "./header.js";
import { Outage } from "./outage.js";
import { ServerClock } from "../common/server_clock.js";
import { isAbnormal, lookOf } from "../common/states.js";
import { fromOverview, mergeTick } from "./store.js";
import { LiveStream, SILENT_AFTER_MS } from "../common/stream.js";
import { wordsOf } from "./words.js";

const BEAT_MS = 250;
const BEATS_PER_RENDER = 4;
const local = () => performance.now();

class Wall {
  #words;
  #header;
  #board;
  #outage;
  #announcer;
  #opening;
  #clock = new ServerClock();
  #stream = null;
  #state = null;
  #progress = null;
  #beats = 0;
  #isScheduled = false;

  constructor(lang, address) {
    const words = wordsOf(lang);
    this.#words = words;
    this.#outage = new Outage(words);
    this.#header = new Header(words, this.#outage.element, inOtherLanguage(address, words), () => this.#pause());
    this.#board = new Board(words, () => this.#schedule());
    this.#announcer = new Announcer(words);
    document.documentElement.lang = words.tag;
    document.body.append(this.#header.element, this.#board.element, this.#announcer.element);
    this.#opening = new EmptyNote(document.body);
    this.#say("connecting");
  }

  /** Find the mine, then follow it for ever. */
  async run(wanted) {
    setInterval(() => this.#beat(), BEAT_MS);
    document.addEventListener("keydown", (event) => this.#turn(event));
    const mine = await findMine(wanted, (reason) => this.#say(reason));
    this.#stream = new LiveStream(
      `/api/v1/live?mine=${encodeURIComponent(mine)}`,
      { overview: (overview) => this.#replace(overview), tick: (tick) => this.#merge(tick) },
      local,
    );
    await followPlan((progress) => {
      this.#progress = progress;
      this.#schedule();
    });
  }

  /** Say why there is no board yet. */
  #say(reason) {
    this.#opening.show(this.#words.empty[reason]);
    setAttribute(document.body, "data-state", "opening");
  }

  #replace(overview) {
    this.#state = fromOverview(overview);
    this.#clock.sync(Date.parse(overview.now), local(), overview.speed);
    this.#opening.show(null);
    setAttribute(document.body, "data-state", "live");
    this.#schedule();
  }

  #merge(tick) {
    if (this.#state === null) return;
    mergeTick(this.#state, tick);
    this.#clock.sync(Date.parse(tick.now), local());
    this.#schedule();
  }

  /** Four times a second: the clock, the watch over the stream, the turning of pages, everything's age. */
  #beat() {
    const silentMs = this.#stream?.silentFor() ?? 0;
    const isSilent = silentMs > SILENT_AFTER_MS;
    this.#stream?.watch();
    if (this.#state === null) {
      if (isSilent) this.#say("unreachable");
      return;
    }
    setAttribute(document.body, "data-state", isSilent ? "silent" : "live");
    if (isSilent) this.#outage.show(this.#now(), silentMs);
    else this.#outage.hide();
    this.#header.showTime(this.#now());
    this.#beats += 1;
    const hasTurned = this.#board.paging.tick(local());
    if (hasTurned || this.#beats % BEATS_PER_RENDER === 0) this.#schedule();
  }

  /** The centre's time; it stands still while the centre is silent. */
  #now() {
    const silentMs = this.#stream.silentFor();
    return this.#clock.at(local() - (silentMs > SILENT_AFTER_MS ? silentMs : 0));
  }

  #schedule() {
    if (this.#isScheduled || this.#state === null) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#render();
    });
  }

  #render() {
    const now = this.#now();
    this.#board.update(this.#state, this.#progress, now);
    this.#header.update(this.#state, this.#state.demo || this.#progress?.demo === true, now);
    this.#header.showTurn(this.#board.paging);
    this.#announcer.update(this.#state);
    document.title = this.#title();
    document.body.dataset.frames = Number(document.body.dataset.frames ?? 0) + 1;
  }

  #title() {
    const { faces, chambers, mine } = this.#state;
    const abnormal = [...faces.values(), ...chambers.values()].filter(({ state }) => isAbnormal(state));
    const blind = abnormal.filter(({ state }) => lookOf(state).tone === "unknown").length;
    return `${this.#words.titleCounts(abnormal.length - blind, blind)}${mine.name} · ${this.#words.product}`;
  }

  #pause() {
    this.#board.paging.paused = !this.#board.paging.paused;
    this.#schedule();
  }

  #turn({ key }) {
    const by = { ArrowLeft: -1, PageUp: -1, ArrowRight: 1, PageDown: 1 }[key];
    if (by === undefined || this.#board.paging.pages < 2) return;
    this.#board.paging.turn(by, local());
    this.#schedule();
  }
}

function inOtherLanguage(address, words) {
  const other = new URL(address);
  other.searchParams.set("lang", words.other.code);
  return other.pathname + other.search;
}

const address = new URL(location.href);
new Wall(address.searchParams.get("lang"), address).run(address.searchParams.get("mine"));
