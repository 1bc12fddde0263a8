// The key figures of the mine as lines: what, how much, in which unit, and how sure.

import { lookOfAlarm } from "../common/alarm_looks.js";
import { make, setAttribute, setHidden, setText } from "../common/element.js";
import { KeyedList } from "../common/keyed_list.js";
import { lookOf } from "../common/states.js";
import { Symbol } from "../common/symbols.js";
import { clockText, instant } from "../common/time.js";
import { figureOf as figureOfValue } from "../common/values.js";
import { alarmAbout } from "./key_values.js";

export class KeyPanel {
  #list;

  constructor(words) {
    const list = make("dl", "key-list");
    this.element = make("section", "keys", make("div", "head", make("h2", "", words.keys)), list);
    this.element.setAttribute("aria-label", words.keys);
    this.#list = new KeyedList(list, () => new Line(words));
  }

  /** Show the first `room` of these, as `keyValues()` gives them; `alarms` are the mine's. */
  update(values, alarms, room) {
    setHidden(this.element.lastElementChild, values.length === 0);
    this.#list.update(values.slice(0, room).map((value) => [value.key, value]), alarms);
  }
}

class Line {
  #words;
  #name = make("dt");
  #symbol = new Symbol();
  #figure = make("span", "figure");
  #unit = make("span", "unit");

  constructor(words) {
    this.#words = words;
    this.element = make("div", "key", this.#name, make("dd", "", this.#symbol.element, this.#figure, this.#unit));
  }

  update(value, alarms) {
    const { figure, unit, look } = keyFigure(value, alarms, this.#words);
    const name = this.#words.keyNames[value.key];
    setText(this.#name, name);
    setText(this.#figure, figure);
    setText(this.#unit, unit);
    this.#symbol.show(look?.shape ?? "question");
    setAttribute(this.element, "data-tone", look?.tone ?? null);
    setAttribute(this.element, "title", `${name}: ${partsText(value, this.#words)}`);
  }
}

/** `{figure, unit, look}` of a key value: the look of its alarm, that of no data where any part is not known, or null. */
export function keyFigure(key, alarms, words) {
  const { how, value, unit, decimals, of, unknown } = key;
  const alarm = alarmAbout(key, alarms);
  const look = alarm !== undefined ? lookOfAlarm(alarm) : unknown > 0 ? lookOf("unknown") : null;
  if (value === null) return { figure: words.spans.none, unit: "", look };
  if (how !== "count") return { figure: value.toFixed(decimals ?? 0), unit, look };
  return { figure: of === 1 ? words.running[value] : `${value}/${of}`, unit: "", look };
}

/** Every part with its area, its age and its quality, for who wants to know more. */
function partsText({ parts }, words) {
  const lang = words.tag === "en" ? "en" : "zh";
  const text = ([area, value]) => {
    const { figure, unit } = figureOfValue(value, words);
    const at = instant(value.at);
    return `${area.name} ${value[lang]} ${figure} ${unit}${at === null ? "" : ` ${clockText(at)}`}`;
  };
  return parts.slice(0, 20).map(text).join("; ");
}
