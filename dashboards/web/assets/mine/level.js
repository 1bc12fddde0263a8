// What a chamber was declared to be beside what it was seen to be, and the time in each state that this rests on.

import { make } from "../common/element.js";
import { lookOf } from "../common/states.js";
import { Symbol } from "../common/symbols.js";
import { stateLine } from "./state.js";

const LOOKS = {
  unattended: lookOf("unattended"),
  central_control: lookOf("central_control"),
  not_yet: lookOf("attended"),
  no_verdict: lookOf("unknown"),
};
const NONE = { shape: "square", tone: "unjudged" };

/** The panel's nodes for the records of a chamber. */
export function levelPanel({ declared, level, figures, days }, words) {
  const observed = level?.level ?? null;
  const shown = {
    declared: levelLine(declared, words, words.notDeclared),
    observed: levelLine(observed, words, words.noLevelYet),
    agrees: agreement(declared, level, words),
  };
  const pairs = Object.entries(shown).map(([key, line]) =>
    make("div", "", make("dt", "", words.levelHeads[key]), make("dd", "", line)),
  );
  const told = make("p", "note", words.levelRule(figures, days.length));
  return [make("dl", "levels", ...pairs), ...(level === null ? [] : [shares(level.share, words)]), told];
}

function levelLine(level, words, none) {
  return level === null ? stateLine(NONE, none) : stateLine(LOOKS[level], words.levels[level]);
}

function agreement(declared, level, words) {
  if (declared === null || level === null) return stateLine(NONE, words.spans.none);
  if (level.agrees === null) return stateLine(lookOf("unknown"), words.agreement.open);
  return level.agrees
    ? stateLine(lookOf("within"), words.agreement.yes)
    : stateLine(lookOf("attended"), words.agreement.no);
}

/** The share of the time in each state, as a bar and as text. */
function shares(share, words) {
  const parts = Object.entries(share).filter(([, part]) => part > 0);
  const bar = make("div", "shares");
  bar.setAttribute("aria-hidden", "true");
  const items = parts.map(([state, part]) => {
    const piece = make("i", "");
    piece.dataset.state = state;
    piece.style.flexGrow = part;
    bar.append(piece);
    const symbol = new Symbol();
    symbol.show(lookOf(state).shape);
    const item = make(
      "li",
      "",
      make("i", "swatch"),
      symbol.element,
      words.chamberStates[state],
      make("span", "note", words.share(part)),
    );
    item.dataset.state = state;
    return item;
  });
  return make("div", "", bar, make("ul", "legend", ...items));
}
