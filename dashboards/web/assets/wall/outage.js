// The bar that says that the page itself has gone blind, since when and for how long.

import { make, setHidden, setText } from "../common/element.js";
import { Symbol } from "../common/symbols.js";
import { ageText, clockText } from "../common/time.js";

export class Outage {
  #words;
  #since = make("span", "since");
  #age = make("span", "age");
  #help = make("span", "help");
  #link = make("a", "sign-in");

  /** `signIn` is the address of the page where one signs in. */
  constructor(words, signIn) {
    this.#words = words;
    const symbol = new Symbol();
    symbol.show("question");
    this.#age.setAttribute("aria-hidden", "true");
    this.#link.href = signIn;
    this.#link.append(words.signInAgain);
    this.element = make(
      "p",
      "outage",
      symbol.element,
      make("strong", "", words.outage),
      this.#since,
      this.#age,
      this.#help,
      this.#link,
    );
    this.element.setAttribute("role", "alert");
    setHidden(this.element, true);
  }

  /** Blind since the centre's instant `heardAt`, for `silentMs` by now; `session` says whether that is why. */
  show(heardAt, silentMs, { isOver, isKiosk }) {
    const { reconnecting, signedOut, kioskOver } = this.#words.outageHelp;
    setText(this.#help, !isOver ? reconnecting : isKiosk ? kioskOver : signedOut);
    setHidden(this.#link, !isOver || isKiosk);
    setText(this.#since, this.#words.outageSince(clockText(heardAt)));
    setText(this.#age, ageText(0, silentMs, this.#words));
    setHidden(this.element, false);
  }

  hide() {
    setHidden(this.element, true);
  }
}
