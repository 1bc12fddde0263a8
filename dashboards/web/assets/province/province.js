// The province pages: who is here, which day, which place. The only module that reads the address.

import { whoIsHere, Shell, skipLink } from "../common/shell.js";
import { make, setAttribute } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Places, hashOf, partsOf } from "../common/places.js";
import { langOf, wordsFrom } from "../common/words.js";
import { Desk } from "./desk.js";
import * as overview from "./overview.js";
import * as table from "./table_place.js";
import * as projects from "./project_list.js";
import * as unit from "./unit_place.js";
import * as mine from "./mine_place.js";
import * as project from "./project_place.js";
import * as face from "./face_place.js";
import * as targets from "./targets.js";
import * as compliance from "./compliance.js";
import * as rewards from "./rewards.js";
import * as bulletins from "./bulletins.js";
import * as data from "./data_place.js";
import * as importing from "./import_place.js";
import { own } from "./words.js";

/** Places by their ids, and the tab that each lies under. */
const PLACES = {
  overview: { place: overview, tab: "overview" },
  table: { place: table, tab: "table" },
  projects: { place: projects, tab: "table" },
  unit: { place: unit, tab: "table" },
  mine: { place: mine, tab: "table" },
  project: { place: project, tab: "table" },
  face: { place: face, tab: "table" },
  targets: { place: targets, tab: "targets" },
  compliance: { place: compliance, tab: "compliance" },
  rewards: { place: rewards, tab: "rewards" },
  bulletins: { place: bulletins, tab: "bulletins" },
  data: { place: data, tab: "data" },
  import: { place: importing, tab: "import" },
};
/** Tabs in order; a bulletin is told of the whole province only. */
const TABS = ["overview", "table", "targets", "compliance", "rewards", "bulletins", "data", "import"];

class Province {
  #words;
  #desk;
  #shell;
  #places;
  #main = make("main");

  constructor(session, address) {
    this.#words = wordsFrom(langOf(address), own);
    this.#shell = new Shell(this.#words, session, address);
    this.#desk = new Desk(this.#words, session, address, {
      onDemo: () => this.#markDemo(),
      onDay: (day) => this.#lookAt(day),
    });
    const tabs = TABS.filter((id) => id !== "bulletins" || this.#desk.isProvince);
    this.#places = new Places(
      this.#words.placesOf,
      tabs.map((id) => ({ id, word: this.#words.tabs[id] })),
      (parts) => this.#show(parts),
    );
    this.#main.id = "main";
    document.body.append(skipLink(this.#words, this.#main), this.#shell.element, this.#places.element, this.#main);
  }

  /** Learn the centre's day, then open the place that the address names. */
  async run() {
    const progress = await this.#desk.plan("plan/progress");
    if (!progress.ok) {
      this.#refuse(progress);
      return;
    }
    this.#desk.day = progress.data.as_of;
    this.#places.follow();
  }

  #refuse(answer) {
    const panel = new Panel(this.#words, this.#words.tabs.table);
    const none = answer.status === 404 ? { ...answer, data: { detail: this.#words.noPlan } } : answer;
    panel.fault(none, () => location.reload());
    this.#main.replaceChildren(make("h1", "", this.#words.places.province), panel.element);
  }

  #show(parts) {
    const { place, tab } = PLACES[parts[0]] ?? PLACES.overview;
    this.#places.mark(tab);
    this.#main.replaceChildren(...place.open(this.#desk, parts));
    this.#main.dataset.place = parts[0];
    const title = this.#main.querySelector("h1")?.textContent ?? "";
    document.title = `${title} · ${this.#words.product}`;
  }

  #markDemo() {
    this.#shell.markDemo(true);
    setAttribute(document.body, "data-demo", "");
    for (const mark of document.querySelectorAll(".demo-mark")) mark.hidden = false;
  }

  /** Keep the day in the address and show the place anew. */
  async #lookAt(day) {
    const address = new URL(location.href);
    if (day === null) address.searchParams.delete("as_of");
    else address.searchParams.set("as_of", day);
    history.replaceState(null, "", address);
    const progress = await this.#desk.plan("plan/progress");
    if (progress.ok) this.#desk.day = progress.data.as_of;
    const parts = partsOf(location.hash || hashOf(TABS[0]));
    this.#show(parts);
  }
}

const address = new URL(location.href);
const session = await whoIsHere();
if (session === null) sayUnreachable();
else await new Province(session, address).run();

/** The centre does not say who is here; somebody who is nobody has been sent to sign in by now. */
function sayUnreachable() {
  const words = wordsFrom(langOf(address), own);
  const panel = new Panel(words, words.places.province);
  panel.fault({ status: 0, data: null }, () => location.reload());
  document.body.append(make("main", "", make("h1", "", words.product), panel.element));
}
