// The line at the top of every desk page: the product, where one can go, who one is, the other language, and the
// mark of demonstration data. What a person may not see is not offered; the centre refuses it anyway.

import { ask, leave } from "./centre.js";
import { make, setHidden, setText } from "./element.js";

/** Where one can go: the address, and the key of its word. */
const PLACES = [
  { path: "/wall", word: "wall" },
  { path: "/mine", word: "mine" },
  { path: "/province", word: "province" },
];

/** What a person is offered: the province's page to whoever looks after more than one mine, or edits its registry. */
function placesOf({ person, may }) {
  return PLACES.filter(({ word }) => word !== "province" || person.scope.kind !== "mine" || may.includes("edit"));
}

/** Who is here, as `/api/v1/session` tells; null where the centre does not. Sends nobody to the sign-in page. */
export async function whoIsHere() {
  const answer = await ask("/api/v1/session");
  if (answer.status === 401) {
    leave(`/sign-in?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`);
    return new Promise(() => {}); // the page is being left: nothing more is to be shown on it
  }
  return answer.ok ? answer.data : null;
}

export class Shell {
  #words;
  #demo = make("p", "demo");

  /** `session` from `whoIsHere()`, `address` a URL of this page. */
  constructor(words, session, address) {
    this.#words = words;
    setHidden(this.#demo, true);
    setText(this.#demo, words.demo(1));
    this.element = make(
      "header",
      "shell",
      this.#product(address),
      this.#navigation(session, address),
      this.#demo,
      this.#person(session, address),
    );
    document.documentElement.lang = words.tag;
  }

  /** Mark the page as one of demonstration data. */
  markDemo(isDemo) {
    setHidden(this.#demo, !isDemo);
  }

  #product(address) {
    const link = make("a", "product", this.#words.product);
    link.href = kept("/", address);
    return link;
  }

  #navigation(session, address) {
    const links = (session === null ? [] : placesOf(session)).map(({ path, word }) => {
      const link = make("a", "", this.#words.places[word]);
      link.href = kept(path, address);
      if (address.pathname === path) link.setAttribute("aria-current", "page");
      return link;
    });
    const navigation = make("nav", "", ...links);
    navigation.setAttribute("aria-label", this.#words.navigation);
    return navigation;
  }

  #person(session, address) {
    const language = make("a", "language", this.#words.other.name);
    const turn = (page) => {
      const other = new URL(page);
      other.searchParams.set("lang", this.#words.other.code);
      language.href = other.pathname + other.search + other.hash;
    };
    turn(address);
    language.addEventListener("click", () => turn(location.href)); // places and days change without a new page
    language.lang = language.hreflang = this.#words.other.code;
    const person = make("div", "person", titleOf(session, this.#words), language);
    if (session?.sign_in) {
      const out = make("button", "", this.#words.signOut);
      out.type = "button";
      out.addEventListener("click", async () => {
        await ask("/api/v1/session", { method: "DELETE" });
        leave("/sign-in");
      });
      person.append(out);
    }
    return person;
  }
}

/** Past the line and the tabs, for the keyboard; the address is the places', so it is left alone. */
export function skipLink(words, main) {
  const skip = make("a", "skip", words.skip);
  skip.href = "#main";
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    main.querySelector("a, button, input, select, [tabindex]")?.focus();
  });
  return skip;
}

/** What people call who is here; where nobody signs in it is the demo's own person, in the page's language. */
function titleOf(session, words) {
  if (session === null) return "";
  return session.sign_in ? session.person.title : words.demoPerson;
}

/** An address with this page's language, and its mine where it has one. */
export function kept(path, address) {
  const next = new URL(path, address.origin);
  for (const name of ["lang", "mine"]) {
    const value = address.searchParams.get(name);
    if (value !== null) next.searchParams.set(name, value);
  }
  return next.pathname + next.search;
}
