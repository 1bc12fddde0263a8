// Asking the centre for what does not stream: which mine, and the plan's progress. Asks until it is answered.

const RETRY_MS = 5000;
const PLAN_EVERY_MS = 10 * 60_000;
const PLAN_RETRY_MS = 30_000;

async function get(path) {
  const answer = await fetch(path, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/** The code of the mine to show: the one asked for, else the first. `onMissing(reason)` while there is none. */
export async function findMine(wanted, onMissing) {
  for (;;) {
    const mines = await get("/api/v1/mines").catch(() => null);
    const mine = wanted === null ? mines?.[0] : mines?.find((each) => each.code === wanted);
    if (mine !== undefined) return mine.code;
    onMissing(mines === null ? "unreachable" : mines.length === 0 ? "noMine" : "unknownMine");
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** Fetch the plan's progress now and again for ever; the last answer stands while there is no newer one. */
export async function followPlan(onProgress) {
  for (;;) {
    const progress = await get("/api/v1/plan/progress").catch(() => null);
    if (progress !== null) onProgress(progress);
    const wait = progress === null ? PLAN_RETRY_MS : PLAN_EVERY_MS;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
