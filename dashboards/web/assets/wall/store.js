// What the centre last said about the mine. Overviews replace it, ticks change it; nobody else does.

import { append } from "../common/headcount_series.js";
import { instant } from "../common/time.js";

const byKey = (items, key) => new Map(items.map((item) => [item[key], item]));

/** The state after an overview. */
export function fromOverview(overview) {
  return {
    demo: overview.demo,
    speed: overview.speed,
    mine: overview.mine,
    shift: overview.shift,
    delivered: overview.delivered,
    links: byKey(overview.links, "gateway"),
    faces: byKey(overview.faces.map(withRows), "code"),
    chambers: byKey(overview.chambers, "code"),
    alarms: overview.alarms ?? null,
  };
}

/** Take a tick in. Items it names are replaced whole; a face keeps its trend, one reading longer. */
export function mergeTick(state, tick) {
  if (tick.shift !== undefined) state.shift = tick.shift;
  if (tick.delivered !== undefined) state.delivered = tick.delivered;
  if (tick.alarms !== undefined) state.alarms = tick.alarms;
  for (const link of tick.links ?? []) state.links.set(link.gateway, link);
  for (const chamber of tick.chambers ?? []) state.chambers.set(chamber.code, chamber);
  for (const face of tick.faces ?? []) state.faces.set(face.code, extended(state.faces.get(face.code), face));
}

function withRows(face) {
  const { trend, ...rest } = face;
  const rows = [];
  for (const [at, headcount] of trend ?? []) append(rows, instant(at), headcount, staleMs(face));
  return { ...rest, rows };
}

function extended(old, face) {
  const sameShift = old?.shift?.starts_at === face.shift?.starts_at;
  const rows = sameShift && old !== undefined ? old.rows : [];
  const at = instant(face.headcount_at);
  if (at !== null) append(rows, at, face.headcount, staleMs(face));
  return { ...face, rows };
}

/** How long one reading of a face holds, in milliseconds. */
export function staleMs(face) {
  return face.stale_after_s * 1000;
}
