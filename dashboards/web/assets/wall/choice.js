// Which mine: the one named in the address, the only one there is, or the one that somebody chooses.

import { ask } from "../common/centre.js";
import { make } from "../common/element.js";

const RETRY_MS = 5000;

/**
 * The code of the mine to show. `onMissing(reason)` while there is none: `unreachable`, `signedOut`, `noMine` or
 * `unknownMine`; `onChoice(mines)` where there are several and none is named: then the answer never comes.
 */
export async function mineToShow(wanted, onMissing, onChoice) {
  for (;;) {
    const { ok, status, data } = await ask("/api/v1/mines");
    const mines = ok ? data : [];
    const mine = wanted === null && mines.length === 1 ? mines[0] : mines.find(({ code }) => code === wanted);
    if (mine !== undefined) return mine.code;
    if (wanted === null && mines.length > 1) {
      onChoice(mines);
      return new Promise(() => {});
    }
    onMissing(status === 401 ? "signedOut" : !ok ? "unreachable" : mines.length === 0 ? "noMine" : "unknownMine");
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** A link to the wall of each mine. */
export function choiceOf(mines, address, words) {
  const links = mines.map(({ code, name }) => {
    const link = make("a", "mine-link", name);
    const wall = new URL(address);
    wall.searchParams.set("mine", code);
    link.href = wall.pathname + wall.search;
    return make("li", "", link);
  });
  return make("main", "choice", make("h1", "", words.chooseMine), make("ul", "", ...links));
}
