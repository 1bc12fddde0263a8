// Who stands before this wall, and what they may do. A wall runs for weeks: who is signed in may change meanwhile.

import { ask } from "../common/centre.js";

const NOBODY = { may: new Set(), title: "", role: "", isOver: false };

export class Session {
  #here = NOBODY;
  #isAsking = false;
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** Ask again; while the centre does not answer, nothing changes. */
  async refresh() {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { ok, status, data } = await ask("/api/v1/session");
    this.#isAsking = false;
    if (ok) this.#here = { may: new Set(data.may), title: data.person.title || data.person.name, role: data.person.role, isOver: false };
    else if (status === 401) this.#here = { ...this.#here, may: new Set(), isOver: true };
    else return;
    this.#onChange();
  }

  /** The session has ended: nothing comes until somebody signs in again. */
  get isOver() {
    return this.#here.isOver;
  }

  get isKiosk() {
    return this.#here.role === "kiosk";
  }

  /** May they do this? */
  may(what) {
    return this.#here.may.has(what);
  }

  /** Whose acknowledgements these are; null for those who may not acknowledge. */
  get signature() {
    return this.may("acknowledge") ? this.#here.title : null;
  }
}

/** Acknowledge an alarm; gives what is wrong in the page's language, or null. */
export async function acknowledge(mine, id, words) {
  const path = `/api/v1/mines/${encodeURIComponent(mine)}/alarms/${encodeURIComponent(id)}/ack`;
  const { ok, status, data } = await ask(path, { method: "POST", body: { note: "" } });
  if (ok || status === 404) return null; // 404: it is over, the next tick says so
  if (status === 0) return words.notAcknowledged;
  const [chinese, english] = String(data?.detail ?? "").split(" / ");
  return (words.tag === "en" ? english : chinese) || words.notAcknowledged;
}
