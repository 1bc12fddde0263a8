// The way from one mine to another, for whoever sees several.

import { make } from "../common/element.js";
import { hashOf, partsOf } from "../common/places.js";

/** Choosing goes to that mine's page; `code` is the mine that is shown, null where none is. `kept` are the places that every mine has. */
export function minePicker(words, mines, code, kept) {
  const select = make("select");
  if (code === null) select.append(new Option(words.chooseMine, "", true, true));
  select.append(...mines.map((mine) => new Option(mine.name, mine.code, false, mine.code === code)));
  select.addEventListener("change", () => {
    const page = new URL(location.href);
    const [place] = partsOf(page.hash);
    page.searchParams.set("mine", select.value);
    page.hash = kept.includes(place) ? hashOf(place) : "";
    location.assign(page);
  });
  return make("label", "field mine-picker", make("span", "label", words.mineLabel), select);
}
