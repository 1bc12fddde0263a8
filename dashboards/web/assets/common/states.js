// What each state looks like (shape, tone) and how urgent it is: rank 0 comes first; below CALM is abnormal.

export const CALM = 10;

const LOOKS = {
  hazard: { shape: "octagon", tone: "hazard", rank: 0 },
  over: { shape: "triangle", tone: "over", rank: 1 },
  attended: { shape: "triangle", tone: "over", rank: 2 },
  unprotected: { shape: "cross", tone: "over", rank: 3 },
  local_control: { shape: "half_square", tone: "over", rank: 4 },
  unknown: { shape: "question", tone: "unknown", rank: 5 },
  patrol: { shape: "half", tone: "calm", rank: CALM },
  pending: { shape: "half", tone: "calm", rank: CALM },
  within: { shape: "disc", tone: "within", rank: CALM + 1 },
  unattended: { shape: "ring", tone: "within", rank: CALM + 1 },
  central_control: { shape: "diamond", tone: "central", rank: CALM + 1 },
  not_judged: { shape: "square", tone: "unjudged", rank: CALM + 2 },
};

const VERDICTS = { within: "within", exceeded: "over", no_verdict: "unknown", not_judged: "not_judged", pending: "pending" };

/** The look of a state; one that this page has never heard of is as loud as no data. */
export function lookOf(state) {
  return LOOKS[state] ?? LOOKS.unknown;
}

export function lookOfVerdict(verdict) {
  return lookOf(VERDICTS[verdict]);
}

export function isAbnormal(state) {
  return lookOf(state).rank < CALM;
}

/** The most urgent first, otherwise in the mine's own order. */
export function byUrgency(items) {
  return [...items].sort((a, b) => lookOf(a.state).rank - lookOf(b.state).rank);
}
