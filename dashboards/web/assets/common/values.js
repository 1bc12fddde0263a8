// A machine's reading as a figure: fixed decimals, unit always, and never a bad value as if it were good.

const GOOD = 192;
const STALE = 500;

export function isGood({ value, quality }) {
  return quality === GOOD && value !== null;
}

/** `{figure, unit, tone}` of a value of the API; tone `unknown` when it is not good, or was never read. */
export function figureOf({ value, unit, decimals, quality }, words) {
  if (quality === null) return { figure: words.spans.none, unit: "", tone: "unknown" };
  if (quality === STALE) return { figure: words.stale, unit: "", tone: "unknown" };
  if (quality !== GOOD || value === null) return { figure: words.bad, unit: "", tone: "unknown" };
  if (typeof value === "number") return { figure: value.toFixed(decimals ?? 0), unit: unit ?? "", tone: "" };
  if (typeof value === "boolean") return { figure: words.truth[value], unit: "", tone: "" };
  return { figure: words.controlModes[value] ?? String(value), unit: "", tone: "" };
}

/** `99.8 %`, cut and not rounded, so that only everything is 100.0 %; null of null. */
export function percent(share) {
  return share === null || share === undefined ? null : `${(Math.floor(share * 1000 + 1e-9) / 10).toFixed(1)} %`;
}

/** Whose value it is and what of it, `["采煤机", "牵引速度"]`: where it is tight, the first may be cut. */
export function nameParts(value, lang) {
  const name = value[lang];
  const last = (text, separator) => text.slice(text.lastIndexOf(separator) + 1);
  const quantity = lang === "en" ? last(value.metric, "/") : last(name, " ");
  return name.endsWith(quantity) ? [name.slice(0, name.length - quantity.length).trim(), quantity] : ["", name];
}
