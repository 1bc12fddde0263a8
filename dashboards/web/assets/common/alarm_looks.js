// What an alarm looks like: blind ones like everything blind, the others by priority; and what waits for somebody.

const BLIND = new Set(["face_blind", "chamber_blind", "link_lost", "device_lost", "broker_lost", "store_refuses", "no_data"]);
const LOOKS = {
  critical: { shape: "octagon", tone: "hazard" },
  high: { shape: "triangle", tone: "over" },
  medium: { shape: "triangle_open", tone: "over" },
  low: { shape: "ring", tone: "calm" },
};

/** The most urgent first, as the centre sends them. */
export const PRIORITIES = Object.keys(LOOKS);

export function lookOfPriority(priority) {
  return LOOKS[priority] ?? LOOKS.high;
}

export function lookOfAlarm({ code, priority }) {
  return BLIND.has(code) ? { shape: "question", tone: "unknown" } : lookOfPriority(priority);
}

/** Nobody has acknowledged it, whether it still holds or not. */
export function isWaiting({ state }) {
  return state === "unacknowledged" || state === "returned";
}

/** How bad: 0 is the worst. */
export function rankOf({ priority }) {
  const rank = PRIORITIES.indexOf(priority);
  return rank < 0 ? 1 : rank;
}
