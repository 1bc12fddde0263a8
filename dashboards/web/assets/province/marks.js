// States as people see them here: a shape and a word, toned where it matters.

import { make, setAttribute } from "../common/element.js";
import { Symbol } from "../common/symbols.js";

const PROJECT = {
  accepted: "disc",
  completed: "half",
  building: "half_square",
  in_library: "square",
  planned: "ring",
  withdrawn: "cross",
};
const GOAL = {
  met: ["disc", "within"],
  pending: ["half", "calm"],
  not_met: ["triangle", "over"],
  not_measured: ["question", "unknown"],
  ambiguous: ["question", "unknown"],
};
const PERFORMANCE = {
  performing: ["disc", "within"],
  not_performing: ["triangle", "over"],
  unproven: ["question", "unknown"],
};
const VERDICT = {
  within: ["disc", "within"],
  exceeded: ["triangle", "over"],
  no_verdict: ["question", "unknown"],
  not_judged: ["square", "unjudged"],
};
const LEVEL = {
  unattended: ["ring", "within"],
  central_control: ["diamond", "central"],
  not_yet: ["triangle", "over"],
  no_verdict: ["question", "unknown"],
};

/** A shape and a word. */
export function mark(shape, tone, word) {
  const symbol = new Symbol();
  symbol.show(shape);
  const node = make("span", "state", symbol.element, word);
  setAttribute(node, "data-tone", tone);
  return node;
}

/** How far a project is, and whether it is late. */
export function stateMark({ state, overdue, missed }, words) {
  const late = overdue ? words.plan.columns.overdue : missed ? words.plan.columns.missed : null;
  const tone = state === "accepted" ? "within" : "calm";
  const node = mark(PROJECT[state] ?? "question", tone, words.states[state] ?? state);
  if (late === null) return node;
  return make("span", "states", node, mark("triangle", "over", late));
}

export function goalMark(status, words) {
  return mark(...(GOAL[status] ?? GOAL.not_measured), words.goals.states[status] ?? status);
}

export function performanceMark(performance, words) {
  return mark(...(PERFORMANCE[performance] ?? PERFORMANCE.unproven), words.evidence.states[performance] ?? performance);
}

export function verdictMark(verdict, words) {
  return mark(...(VERDICT[verdict] ?? VERDICT.no_verdict), words.verdicts[verdict] ?? verdict);
}

/** A chamber's level; null where there is none. */
export function levelMark(level, words) {
  if (level === null) return mark("question", "unknown", words.noData);
  return mark(...(LEVEL[level] ?? LEVEL.no_verdict), words.levels[level] ?? level);
}
