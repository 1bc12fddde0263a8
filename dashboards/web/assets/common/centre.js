// Asking the centre for what does not stream. What a wall needs is asked for until it is answered.

const RETRY_MS = 5000;

/** Ask the centre: `{ok, status, data}`; `data.detail` says what is wrong where it refuses. Status 0: it does not answer. */
export async function ask(path, { method = "GET", body } = {}) {
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  try {
    const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const data = answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
    return { ok: answer.ok, status: answer.status, data };
  } catch {
    return { ok: false, status: 0, data: null };
  }
}

/** Go to another page. */
export function leave(path) {
  location.assign(path);
}

async function get(path) {
  const answer = await fetch(path, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/**
 * Which mine to show, `{mine, mines}`: the code of the one asked for, else of the first, and all that one sees.
 * `onMissing(reason, mines)` whenever there is none, or other ones than before.
 */
export async function findMine(wanted, onMissing) {
  let told = "";
  for (;;) {
    const mines = await get("/api/v1/mines").catch(() => null);
    const mine = wanted === null ? mines?.[0] : mines?.find((each) => each.code === wanted);
    if (mine !== undefined) return { mine: mine.code, mines };
    const now = JSON.stringify(mines);
    if (now !== told) onMissing(mines === null ? "unreachable" : mines.length === 0 ? "noMine" : "unknownMine", mines ?? []);
    told = now;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
