// Choosing points out of hundreds: a word narrows the list, areas fold, and no more can be chosen than one can read.

import { make, setHidden, setText } from "../common/element.js";
import { nameParts } from "../common/values.js";

export const POINTS_MAX = 8;

export class PointPicker {
  #words;
  #onChange;
  #search = make("input");
  #list = make("div", "areas");
  #count = make("p", "note");
  #boxes = new Map();
  #areas = [];

  /** `onChange(points)` is told the chosen ones, in the order of the list. */
  constructor(words, onChange) {
    this.#words = words;
    this.#onChange = onChange;
    this.#search.type = "search";
    this.#search.placeholder = words.searchPoints;
    this.#search.setAttribute("aria-label", words.searchPoints);
    this.#search.addEventListener("input", () => this.#narrow());
    this.element = make("div", "picker", this.#search, this.#count, this.#list);
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", words.parts.points);
  }

  /** The points there are, as the API gives them, texts left out. */
  fill(points) {
    const byArea = groupedByArea(points);
    this.#boxes.clear();
    this.#areas = [...byArea.values()].map((of) => this.#area(of));
    this.#list.replaceChildren(...this.#areas.map(({ element }) => element));
  }

  /** Mark these as chosen. */
  choose(points) {
    const chosen = new Set(points);
    for (const [point, box] of this.#boxes) {
      box.checked = chosen.has(point);
      box.disabled = !box.checked && chosen.size >= POINTS_MAX;
    }
    for (const { element, items } of this.#areas)
      if (items.some(({ box }) => box.checked)) element.open = true;
    setText(this.#count, this.#words.chosenPoints(chosen.size, POINTS_MAX));
  }

  #area(points) {
    const items = points.map((point) => this.#item(point));
    const rows = items.map(({ row }) => row);
    const element = make(
      "details",
      "",
      make("summary", "", points[0].area_name, make("span", "note", ` ${points.length}`)),
      make("ul", "", ...rows),
    );
    return { element, items };
  }

  #item(point) {
    const box = make("input");
    box.type = "checkbox";
    box.value = point.point;
    box.addEventListener("change", () =>
      this.#onChange([...this.#boxes].filter(([, each]) => each.checked).map(([key]) => key)),
    );
    this.#boxes.set(point.point, box);
    const name = nameParts(point, this.#words.tag === "en" ? "en" : "zh")
      .filter(Boolean)
      .join(" ");
    const unit = make("span", "unit", this.#words.unitNames[point.unit] ?? point.unit);
    const row = make("li", "", make("label", "", box, make("span", "", name), unit));
    return { row, box, text: `${name} ${point.metric} ${point.area_name} ${point.area}`.toLowerCase() };
  }

  #narrow() {
    const words = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { element, items } of this.#areas) {
      let shown = 0;
      for (const { row, text } of items) {
        const fits = words.every((word) => text.includes(word));
        setHidden(row, !fits);
        shown += fits;
      }
      setHidden(element, shown === 0);
      if (words.length) element.open = true;
    }
  }
}

function groupedByArea(points) {
  const found = new Map();
  for (const point of points) found.set(point.area, [...(found.get(point.area) ?? []), point]);
  return found;
}
