// The gateways of a mine: are they there, is their clock right, what is still missing of what they read, and why.

import { make, setHidden, setText } from "../common/element.js";
import { EmptyNote } from "../common/empty_note.js";
import { KeyedList } from "../common/keyed_list.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { ageText, instant, spanText, stampText } from "../common/time.js";
import { percent } from "../common/values.js";
import { StateLine, stateLine } from "./state.js";

const AGAIN_MS = 5000;
const GAPS_EVERY = 4;
const CLOCK_OFF_MS = 5000;
const OLD_DATA_MS = 60_000;
const ONLINE = { shape: "disc", tone: "within" };
const OFFLINE = { shape: "cross", tone: "unknown" };

export class GatewaysPage {
  #words;
  #api;
  #gateways = make("div", "gateways");
  #list;
  #panel;
  #gaps;
  #gapsTable;
  #now = null;
  #asked = 0;
  #askedAt = -Infinity;
  #areas = new Map();

  constructor(words, { api }) {
    this.#words = words;
    this.#api = api;
    this.#panel = new Panel(words, words.parts.gateways);
    this.#list = new KeyedList(this.#gateways, () => new Gateway(words));
    this.#gapsTable = gapsTable(
      words,
      (code) => this.#areas.get(code) ?? code,
      () => this.#now,
    );
    this.#gaps = new Panel(words, words.parts.gaps, [this.#gapsTable.csvButton(() => "gaps")]);
    this.element = make(
      "div",
      "place",
      make("div", "title", make("h1", "", words.placeNames.gateways)),
      this.#panel.element,
      this.#gaps.element,
    );
  }

  show() {
    this.#askedAt = -Infinity;
    this.#asked = 0;
  }

  live({ state, now }) {
    this.#now = now;
    this.#areas = new Map([...state.faces, ...state.chambers].map(({ code, name }) => [code, name]));
    if (performance.now() - this.#askedAt > AGAIN_MS && document.visibilityState === "visible") this.#ask();
  }

  #ask() {
    this.#askedAt = performance.now();
    this.#panel.ask(`${this.#api}/gateways`, ({ now, gateways }) => {
      if (!gateways.length) return this.#words.empty.noGateways;
      this.#list.update(
        gateways.map((gateway) => [gateway.gateway, gateway]),
        instant(now),
      );
      return [this.#gateways];
    });
    if (this.#asked % GAPS_EVERY === 0) this.#askGaps();
    this.#asked += 1;
  }

  #askGaps() {
    this.#gaps.ask(`${this.#api}/gaps`, (gaps) => {
      if (!gaps.length) return this.#words.empty.noGaps;
      this.#gapsTable.show(gaps);
      return [this.#gapsTable.element];
    });
  }
}

/** One gateway: a line, its figures, how far its back-fill is, its devices. */
class Gateway {
  #words;
  #name = make("span");
  #state = new StateLine();
  #facts = make("dl", "facts");
  #backfill = make("p", "backfill");
  #now = null;
  #note;
  #table;

  constructor(words) {
    this.#words = words;
    this.#table = devicesTable(words, () => this.#now);
    const heading = make("h3", "", this.#name, " ", this.#state.element);
    this.element = make("section", "part", heading, this.#facts, this.#backfill, this.#table.element);
    this.#note = new EmptyNote(this.element);
  }

  update(gateway, now) {
    const words = this.#words;
    this.#now = now;
    setText(this.#name, gateway.gateway);
    this.#state.show(
      gateway.online ? ONLINE : OFFLINE,
      gateway.online ? words.online : words.offline,
      spanText(instant(gateway.since), now, words),
    );
    this.#facts.replaceChildren(...factsOf(gateway, now, words));
    this.#backfill.replaceChildren(...backfillOf(gateway, words));
    setHidden(this.#table.element, gateway.devices.length === 0);
    this.#note.show(gateway.devices.length ? null : words.empty.noDevices);
    this.#table.show(gateway.devices);
  }
}

function factsOf(gateway, now, words) {
  const { spans, gatewayFacts: names } = words;
  const offset = gateway.clock_offset_ms;
  const last = instant(gateway.last_data_at);
  const shown = {
    last: [
      last === null ? spans.none : words.readingAge(ageText(last, now, words)),
      last === null || now - last > OLD_DATA_MS,
    ],
    delivered: [
      percent(gateway.delivered) ?? spans.none,
      gateway.delivered !== null && gateway.delivered < 0.995,
    ],
    clock: [
      offset === null ? spans.none : words.offset(offset),
      offset !== null && Math.abs(offset) > CLOCK_OFF_MS,
    ],
    latency: [gateway.latency_ms === null ? spans.none : `${gateway.latency_ms} ms`, false],
    stored: [words.number(gateway.readings_stored), false],
    lost: [words.number(gateway.readings_lost), gateway.readings_lost > 0],
  };
  return Object.entries(shown).map(([key, [text, isOdd]]) => {
    const pair = make("div", "", make("dt", "", names[key]), make("dd", "", text));
    if (isOdd) pair.dataset.tone = "unknown";
    return pair;
  });
}

/** How far the back-fill is: what is stored of the batches up to the newest. */
function backfillOf({ batches }, words) {
  if (batches === null) return [words.noBatches];
  const { first, highest, stored, missing, given_up: gone } = batches;
  const all = highest - first + 1;
  if (all <= 0) return [words.noBatchYet];
  const bar = make("progress");
  bar.max = all;
  bar.value = stored;
  bar.setAttribute("aria-label", words.backfillOf);
  const said =
    missing > 0 ? make("span", "state", words.filling(missing)) : make("span", "note", words.filled);
  if (missing > 0) said.dataset.tone = "unknown";
  return [
    bar,
    words.batches(stored, all),
    said,
    ...(gone > 0 ? [make("span", "fault", words.givenUp(gone))] : []),
  ];
}

function devicesTable(words, nowOf) {
  const count = (key) => ({
    key,
    title: words.qualities[key],
    number: true,
    show: ({ quality }) => quality[key],
    value: ({ quality }) => quality[key],
    tone: ({ quality }) => (key !== "good" && key !== "never" && quality[key] > 0 ? "unknown" : null),
  });
  return new Table(
    words,
    [
      {
        key: "area",
        title: words.deviceHead,
        show: ({ area, area_name: name }) => (name === area ? area : `${name} ${area}`),
      },
      {
        key: "online",
        title: words.stateHead,
        show: ({ online }) => (online ? stateLine(ONLINE, words.online) : stateLine(OFFLINE, words.offline)),
        value: ({ online }) => String(online),
      },
      {
        key: "newest",
        title: words.newestHead,
        number: true,
        show: ({ newest_at: at }) =>
          at === null ? null : words.readingAge(ageText(instant(at), nowOf(), words)),
        value: ({ newest_at: at }) => instant(at),
      },
      {
        key: "points",
        title: words.pointsHead,
        number: true,
        show: ({ points }) => points,
        value: ({ points }) => points,
      },
      ...["good", "bad", "stale", "never"].map(count),
      {
        key: "unread",
        title: words.unreadHead,
        number: true,
        show: ({ unread }) => unread,
        value: ({ unread }) => unread,
      },
    ],
    { caption: words.deviceHead, key: ({ area }) => area, tone: ({ online }) => (online ? null : "unknown") },
  );
}

function gapsTable(words, nameOf, nowOf) {
  const end = ({ to }) => (to === null ? nowOf() : instant(to));
  return new Table(
    words,
    [
      { key: "from", title: words.from, show: ({ from }) => stampText(instant(from)) },
      { key: "to", title: words.to, show: ({ to }) => (to === null ? words.goesOn : stampText(instant(to))) },
      {
        key: "lasted",
        title: words.lasted,
        number: true,
        show: (gap) => spanText(instant(gap.from), end(gap), words),
        value: (gap) => (end(gap) - instant(gap.from)) / 1000,
        unit: "s",
      },
      { key: "gateway", title: words.gatewayHead, show: ({ gateway }) => gateway || words.all },
      { key: "area", title: words.areaHead, show: ({ area }) => (area ? nameOf(area) : words.all) },
      { key: "cause", title: words.causeHead, show: ({ cause }) => words.causes[cause] ?? cause },
      { key: "outcome", title: words.outcomeHead, show: ({ outcome }) => words.outcomes[outcome] ?? outcome },
      {
        key: "points",
        title: words.pointsHead,
        number: true,
        show: ({ points }) => points || null,
        value: ({ points }) => points,
      },
      {
        key: "readings",
        title: words.readingsLostHead,
        number: true,
        show: ({ readings }) => readings || null,
        value: ({ readings }) => readings,
      },
    ],
    {
      caption: words.parts.gaps,
      tone: ({ outcome }) => (outcome === "open" || outcome === "lost" ? "unknown" : null),
    },
  );
}
