// The wall of one mine. The only module that reads a clock or the address: here the parts meet.

import { Announcer } from "./announcer.js";
import { Annunciator } from "./annunciator.js";
import { Board } from "./board.js";
import { choiceOf, mineToShow } from "./choice.js";
import { setAttribute } from "../common/element.js";
import { EmptyNote } from "../common/empty_note.js";
import { Header } from "./header.js";
import { Outage } from "./outage.js";
import { ServerClock } from "../common/server_clock.js";
import { Session, acknowledge } from "./session.js";
import { Sound } from "./sound.js";
import { isAbnormal, lookOf } from "../common/states.js";
import { fromOverview, mergeTick } from "./store.js";
import { LiveStream, SILENT_AFTER_MS } from "../common/stream.js";
import { wordsOf } from "./words.js";

const BEAT_MS = 250;
const BEATS_PER_RENDER = 4;
const BEATS_PER_SESSION = 20;
const local = () => performance.now();

class Wall {
  #words;
  #address;
  #header;
  #board;
  #outage;
  #announcer;
  #opening;
  #choice = null;
  #clock = new ServerClock();
  #annunciator = new Annunciator();
  #session = new Session(() => this.#schedule());
  #sound = new Sound(() => this.#header.showSound(this.#sound.state));
  #mine = null;
  #stream = null;
  #state = null;
  #beats = 0;
  #wasSilent = false;
  #isScheduled = false;

  constructor(lang, address) {
    const words = wordsOf(lang);
    this.#words = words;
    this.#address = address;
    this.#outage = new Outage(words, signInAgain(address));
    const sound = () => this.#sound.toggle();
    this.#header = new Header(words, this.#outage.element, inOtherLanguage(address, words), () => this.#pause(), sound);
    this.#header.showSound(this.#sound.state);
    this.#board = new Board(words, (id) => acknowledge(this.#mine, id, words), local, () => this.#schedule());
    this.#announcer = new Announcer(words);
    document.documentElement.lang = words.tag;
    document.body.append(this.#header.element, this.#board.element, this.#announcer.element);
    this.#opening = new EmptyNote(document.body);
    this.#say("connecting");
  }

  /** Find the mine, then follow it for ever. */
  async run() {
    setInterval(() => this.#beat(), BEAT_MS);
    document.addEventListener("keydown", (event) => this.#turn(event));
    this.#session.refresh();
    const wanted = this.#address.searchParams.get("mine");
    this.#mine = await mineToShow(wanted, (reason) => this.#say(reason), (mines) => this.#choose(mines, wanted));
    this.#say("connecting");
    this.#stream = new LiveStream(
      `/api/v1/live?mine=${encodeURIComponent(this.#mine)}`,
      { overview: (overview) => this.#replace(overview), tick: (tick) => this.#merge(tick) },
      local,
    );
  }

  /** Say why there is no board yet. */
  #say(reason) {
    this.#choice?.remove();
    this.#opening.show(this.#words.empty[reason]);
    setAttribute(document.body, "data-state", "opening");
  }

  #choose(mines, wanted) {
    this.#choice?.remove();
    this.#opening.show(null);
    document.title = `${this.#words.chooseMine} · ${this.#words.product}`;
    this.#choice = choiceOf(mines, wanted, this.#address, this.#words);
    document.body.append(this.#choice);
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

  /** Four times a second: the clock, the watch over the stream, sounds, the turning of pages, everything's age. */
  #beat() {
    const silentMs = this.#stream?.silentFor() ?? 0;
    const isSilent = silentMs > SILENT_AFTER_MS;
    this.#stream?.watch();
    this.#beats += 1;
    if (isSilent && this.#beats % BEATS_PER_SESSION === 0) this.#session.refresh();
    if (this.#state === null) {
      if (isSilent) this.#say(this.#session.isOver ? "signedOut" : "unreachable");
      return;
    }
    this.#showSilence(isSilent, silentMs);
    this.#header.showTime(this.#now());
    const hasTurned = this.#board.paging.tick(local());
    if (hasTurned || this.#beats % BEATS_PER_RENDER === 0) this.#schedule();
  }

  /** A wall that goes blind says so once aloud; of alarms it cannot know then. When it is back, so are its rights. */
  #showSilence(isSilent, silentMs) {
    setAttribute(document.body, "data-state", isSilent ? "silent" : "live");
    if (isSilent) this.#outage.show(this.#now(), silentMs, this.#session);
    else this.#outage.hide();
    if (isSilent !== this.#wasSilent) {
      this.#session.refresh();
      if (isSilent) this.#sound.play("blind");
    }
    this.#wasSilent = isSilent;
    if (isSilent) return;
    const priority = this.#annunciator.update(this.#state.alarms?.shown ?? [], local());
    if (priority !== null) this.#sound.play(priority);
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
    this.#board.update(this.#state, now, local(), this.#session, (place) => this.#pathOf(place));
    this.#header.update(this.#state, now);
    this.#header.showTurn(this.#board.paging);
    this.#announcer.update(this.#state);
    document.title = this.#title();
    document.body.dataset.frames = Number(document.body.dataset.frames ?? 0) + 1;
  }

  /** The address of the page about a face or a chamber; null for who may not open it. */
  #pathOf(place) {
    if (!this.#session.may("see")) return null;
    return `/mine?mine=${encodeURIComponent(this.#mine)}&lang=${this.#words.tag === "en" ? "en" : "zh"}#${place}`;
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

function signInAgain(address) {
  return `/sign-in?next=${encodeURIComponent(address.pathname + address.search)}`;
}

const address = new URL(location.href);
new Wall(address.searchParams.get("lang"), address).run();
