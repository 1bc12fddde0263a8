// A part of a page with a heading: it is waiting, it says why there is nothing, or it shows what there is.

import { ask } from "./centre.js";
import { make, setAttribute, setHidden, setText } from "./element.js";
import { EmptyNote } from "./empty_note.js";

let panels = 0;

export class Panel {
  #words;
  #note;
  #retry;
  #asked = 0;

  /** `actions` are buttons and choices that stand beside the heading. */
  constructor(words, title, actions = []) {
    this.#words = words;
    this.heading = make("h2", "", title);
    this.heading.id = `panel-${(panels += 1)}`;
    this.body = make("div", "body");
    this.element = make(
      "section",
      "panel",
      make("div", "head", this.heading, make("div", "actions", ...actions)),
      this.body,
    );
    this.element.setAttribute("aria-labelledby", this.heading.id);
    this.#note = new EmptyNote(this.element);
    this.#note.element.setAttribute("role", "status");
    this.#retry = make("button", "", words.again);
    this.#retry.type = "button";
    setHidden(this.#retry, true);
    this.element.append(this.#retry);
  }

  /** Show these nodes; those that stand there already keep their place, their focus and how far they are scrolled. */
  show(...nodes) {
    this.#say(null);
    const shown = [...this.body.childNodes];
    if (nodes.length !== shown.length || nodes.some((node, index) => node !== shown[index]))
      this.body.replaceChildren(...nodes);
  }

  /** Say why there is nothing: `[what, next]`. */
  say(note) {
    this.#say(note);
    this.body.replaceChildren();
  }

  /**
   * Ask the centre and show its answer: `draw(data)` gives nodes, or a note `[what, next]` where there is nothing. What
   * stands here stays until the answer is there; an answer to an older question is let go.
   */
  async ask(path, draw) {
    const number = (this.#asked += 1);
    if (!this.body.childElementCount) this.#say(this.#words.waiting);
    setAttribute(this.element, "aria-busy", "true");
    const answer = await ask(path);
    if (number !== this.#asked) return;
    setAttribute(this.element, "aria-busy", null);
    if (!answer.ok) {
      this.fault(answer, () => this.ask(path, draw));
      return;
    }
    const drawn = draw(answer.data);
    if (Array.isArray(drawn) && typeof drawn[0] === "string") this.say(drawn);
    else this.show(...[drawn].flat());
  }

  /** Say what went wrong, and offer to try again. */
  fault(answer, again = null) {
    this.say(faultOf(answer, this.#words));
    setHidden(this.#retry, again === null);
    this.#retry.onclick = again;
  }

  #say(note) {
    setHidden(this.#retry, true);
    setHidden(this.body, note !== null);
    this.#note.show(note);
  }
}

/** What a refusal or a failure means, and what to do: `[what, next]`. */
export function faultOf({ status, data }, words) {
  const [what, next] =
    words.faults[status] ?? (status === 0 || status >= 500 ? words.faults.down : words.faults.refused);
  return [what, detailOf(data) ?? next];
}

/** What the centre says of a refusal, as text. */
function detailOf(data) {
  const detail = data?.detail;
  if (typeof detail === "string") return detail;
  if (!Array.isArray(detail)) return null;
  return detail.map((each) => each.what ?? each.msg ?? String(each)).join("; ");
}

/** One line that tells what came of an act, for eyes and screen readers. */
export class Outcome {
  constructor() {
    this.element = make("p", "outcome");
    this.element.setAttribute("role", "status");
  }

  say(text, isFault = false) {
    setText(this.element, text);
    setAttribute(this.element, "data-tone", isFault ? "over" : null);
  }
}
