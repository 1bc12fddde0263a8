// Files that the centre takes a while to make: the reader sees that it works, for how long, and may stop it.

import { make, setHidden } from "../common/element.js";
import { Outcome, faultOf } from "../common/panel.js";
import { button } from "./desk.js";

const KEPT_MS = 10_000;

/** Fetch a file: `{ok, status, data, blob, name}`; `data` says what is wrong where there is none. */
async function fetchFile(path, signal) {
  try {
    const answer = await fetch(path, { signal });
    if (!answer.ok) return { ok: false, status: answer.status, data: await answer.json().catch(() => null) };
    return {
      ok: true,
      status: answer.status,
      blob: await answer.blob(),
      name: nameIn(answer.headers.get("content-disposition") ?? ""),
    };
  } catch (error) {
    return { ok: false, status: error.name === "AbortError" ? null : 0, data: null };
  }
}

/** The file's name as the centre gives it; null where it gives none. */
function nameIn(disposition) {
  const found = /filename\*=UTF-8''([^;]+)/.exec(disposition);
  return found === null ? null : decodeURIComponent(found[1]);
}

function keep(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

/**
 * Buttons for files, `{word, path(), name?()}`, with one line that tells how it goes; `name` is for what the centre
 * gives no name.
 */
export class Downloads {
  #words;
  #outcome = new Outcome();
  #progress = make("progress");
  #stop;
  #buttons;
  #running = null;

  constructor(words, files) {
    this.#words = words;
    this.#buttons = files.map(({ word, path, name, isFirst }) =>
      button(word, () => this.#get(word, path(), name?.() ?? word), isFirst ? "first" : ""),
    );
    this.#stop = button(words.download.stop, () => this.#running?.abort());
    this.#progress.setAttribute("aria-label", words.download.working);
    setHidden(this.#progress, true);
    setHidden(this.#stop, true);
    this.element = make(
      "div",
      "downloads no-print",
      ...this.#buttons,
      this.#progress,
      this.#stop,
      this.#outcome.element,
    );
  }

  async #get(word, path, otherwise) {
    this.#running = new AbortController();
    const since = performance.now();
    const seconds = () => Math.round((performance.now() - since) / 1000);
    this.#show(true);
    this.#outcome.say(this.#words.download.making(word, 0));
    const ticking = setInterval(() => this.#outcome.say(this.#words.download.making(word, seconds())), 1000);
    const file = await fetchFile(path, this.#running.signal);
    clearInterval(ticking);
    this.#show(false);
    if (file.ok) {
      const name = file.name ?? otherwise;
      keep(file.blob, name);
      this.#outcome.say(this.#words.download.done(name, Math.max(1, Math.round(file.blob.size / 1024))));
    } else if (file.status === null) this.#outcome.say(this.#words.download.stopped);
    else this.#outcome.say(faultOf(file, this.#words).join(this.#words.stop), true);
  }

  #show(isRunning) {
    setHidden(this.#progress, !isRunning);
    setHidden(this.#stop, !isRunning);
    for (const each of this.#buttons) each.disabled = isRunning;
    if (!isRunning) this.#running = null;
  }
}
