// The headcount of the running shift as rows `[at, headcount]`, and what they say about any instant.
// A value is known from its row to the next one if that comes within the stale time; the last one up to now,
// within the same time; otherwise it is unknown from its own row on. null is unknown. Nothing is bridged.

export const ROWS_MAX = 4000;

/** Append one row in place; drops what says nothing new, and the oldest beyond ROWS_MAX. */
export function append(rows, at, headcount, staleMs) {
  const last = rows.at(-1);
  if (last !== undefined && at < last[0]) return;
  if (last !== undefined && at === last[0]) rows.pop();
  const [before, middle] = rows.slice(-2);
  const repeats = middle !== undefined && before[1] === headcount && middle[1] === headcount;
  if (repeats && (headcount === null || at - before[0] <= staleMs)) rows.pop();
  rows.push([at, headcount]);
  if (rows.length > ROWS_MAX) rows.splice(0, rows.length - ROWS_MAX);
}

/** Rows as stretches `{from, to, headcount}` that follow each other from `start` to `now`; null is unknown. */
export function stretches(rows, start, now, staleMs) {
  const found = [];
  const add = (from, to, headcount) => {
    const last = found.at(-1);
    if (to <= from) return;
    if (last?.headcount === headcount) last.to = to;
    else found.push({ from, to, headcount });
  };
  add(start, Math.min(now, rows[0]?.[0] ?? now), null);
  rows.forEach(([at, headcount], index) => {
    const next = rows[index + 1]?.[0] ?? now;
    add(Math.max(at, start), Math.min(next, now), next - at <= staleMs ? headcount : null);
  });
  return found;
}
