// The province pages: who is here, which day, which place. The only module that reads the address.

import { whoIsHere, Shell, skipLink } from "../common/shell.js";
import { make, setAttribute } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Places, hashOf, partsOf } from "../common/places.js";
import { langOf, wordsFrom } from "../common/words.js";
import { Desk } from "./desk.js";
import * as overview from "./overview.js";
import { own } from "./words.js";

/** Places by their ids: the tab that each lies under, and its module; all but the first are fetched when somebody goes there. */
const PLACES = {
  overview: { tab: "overview", fetched: async () => overview },
  table: { tab: "table", fetched: () => import("./table_place.js") },
  projects: { tab: "table", fetched: () => import("./project_list.js") },
  unit: { tab: "table", fetched: () => import("./unit_place.js") },
  mine: { tab: "table", fetched: () => import("./mine_place.js") },
  project: { tab: "table", fetched: () => import("./project_place.js") },
  face: { tab: "table", fetched: () => import("./face_place.js") },
  targets: { tab: "targets", fetched: () => import("./targets.js") },
  compliance: { tab: "compliance", fetched: () => import("./compliance.js") },
  rewards: { tab: "rewards", fetched: () => import("./rewards.js") },
  bulletins: { tab: "bulletins", fetched: () => import("./bulletins.js") },
  data: { tab: "data", fetched: () => import("./data_place.js") },
  import: { tab: "import", fetched: () => import("./import_place.js") },
};
/** Tabs in order; a bulletin is told of the whole province only. */
const TABS = ["overview", "table", "targets", "compliance", "rewards", "bulletins", "data", "import"];

class Province {
  #words;
  #desk;
  #shell;
  #places;
  #main = make("main");
  #parts = null;

  constructor(desk) {
    this.#desk = desk;
    this.#words = desk.words;
    this.#shell = new Shell(desk.words, desk.session, desk.address);
    desk.onDemo = () => this.#markDemo();
    desk.onDay = (day) => this.#lookAt(day);
    const tabs = TABS.filter((id) => id !== "bulletins" || this.#desk.isProvince);
    this.#places = new Places(
      this.#words.placesOf,
      tabs.map((id) => ({ id, word: this.#words.tabs[id] })),
      (parts) => this.#show(parts),
    );
    this.#main.id = "main";
    document.body.append(skipLink(this.#words, this.#main), this.#shell.element, this.#places.element, this.#main);
    if (desk.isDemo) this.#markDemo();
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

  /** Say why there is nothing. */
  #refuse(answer) {
    const panel = new Panel(this.#words, this.#words.tabs.table);
    const none = answer.status === 404 ? { ...answer, data: { detail: this.#words.noPlan } } : answer;
    panel.fault(none, () => location.reload());
    this.#main.replaceChildren(make("h1", "", this.#words.places.province), panel.element);
  }

  async #show(parts) {
    const { tab, fetched } = PLACES[parts[0]] ?? PLACES.overview;
    this.#parts = parts;
    this.#places.mark(tab);
    const place = await fetched().catch(() => null);
    if (this.#parts !== parts) return false; // somebody has gone on meanwhile
    if (place === null) {
      this.#refuse({ status: 0, data: null });
      return true;
    }
    this.#main.replaceChildren(...place.open(this.#desk, parts));
    this.#main.dataset.place = parts[0];
    const title = this.#main.querySelector("h1")?.textContent ?? "";
    document.title = `${title} · ${this.#words.product}`;
    return true;
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
    await this.#show(parts);
  }
}

const address = new URL(location.href);
const desk = new Desk(wordsFrom(langOf(address), own), address);
// who is here and the day are both needed before anything is shown: asked at once
[desk.session] = await Promise.all([whoIsHere(), desk.plan("plan/progress")]);
if (desk.session === null) sayUnreachable(desk.words);
else await new Province(desk).run();

/** The centre does not say who is here; somebody who is nobody has been sent to sign in by now. */
function sayUnreachable(words) {
  const panel = new Panel(words, words.places.province);
  panel.fault({ status: 0, data: null }, () => location.reload());
  document.body.append(make("main", "", make("h1", "", words.product), panel.element));
}
