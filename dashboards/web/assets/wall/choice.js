// Which mine: the one named in the address, the only one there is, or the one that somebody chooses.

import { ask } from "../common/centre.js";
import { make } from "../common/element.js";

const RETRY_MS = 5000;

/**
 * The code of the mine to show. `onMissing(reason)` while there is none: `unreachable`, `signedOut` or `noMine`;
 * `onChoice(mines)`, once for the same ones, while there are several and none is named, or none of that name.
 */
export async function mineToShow(wanted, onMissing, onChoice) {
  let offered = "";
  for (;;) {
    const { ok, status, data } = await ask("/api/v1/mines");
    const mines = ok ? data : [];
    const mine = wanted === null && mines.length === 1 ? mines[0] : mines.find(({ code }) => code === wanted);
    if (mine !== undefined) return mine.code;
    const offer = mines.length === 0 ? "" : JSON.stringify(mines);
    if (offer === "") onMissing(status === 401 ? "signedOut" : ok ? "noMine" : "unreachable");
    else if (offer !== offered) onChoice(mines);
    offered = offer;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** A link to the wall of each mine; where one was `wanted` that is not among them, that is said above. */
export function choiceOf(mines, wanted, address, words) {
  const [what, next] = wanted === null ? [words.chooseMine, ""] : words.noSuchMine(wanted);
  const links = mines.map(({ code, name }) => {
    const link = make("a", "mine-link", name);
    const wall = new URL(address);
    wall.searchParams.set("mine", code);
    link.href = wall.pathname + wall.search;
    return make("li", "", link);
  });
  return make("main", "choice", make("h1", "", what), make("p", "", next), make("ul", "", ...links));
}
