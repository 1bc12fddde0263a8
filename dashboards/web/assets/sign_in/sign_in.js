// Signing in. Nothing is sent but to this centre, by fetch; the cookie that comes back no script can read.

import { ask, leave } from "../common/centre.js";
import { make, setHidden, setText } from "../common/element.js";
import { langWanted, wayOn } from "./way_on.js";
import { wordsOf } from "./words.js";

const RETRY_S = 60;

const address = new URL(location.href);
const words = wordsOf(langWanted(address) === "en" ? "en" : "zh");
const onward = wayOn(address);

/** A label with its input. */
function field(id, type, label, autocomplete) {
  const input = make("input");
  Object.assign(input, { id, type, autocomplete, required: true, spellcheck: false, autocapitalize: "none" });
  const caption = make("label", "", label);
  caption.htmlFor = id;
  return { input, element: make("div", "entry", caption, input) };
}

function languageLink() {
  const other = new URL(address);
  other.searchParams.set("lang", words.other.code);
  const link = make("a", "language", words.other.title);
  link.href = other.pathname + other.search + other.hash; // the place that was asked for lies behind the hash
  link.lang = link.hreflang = words.other.code;
  return link;
}

/** What to say of a refusal. */
function trouble({ status, retryAfter }) {
  if (status === 401) return words.wrong;
  if (status === 429) return words.wait(retryAfter);
  if (status === 403) return words.foreign;
  return status === 0 || status === 503 ? words.down : words.other_trouble;
}

async function send(name, password) {
  try {
    const answer = await fetch("/api/v1/session", {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json" },
      body: JSON.stringify({ name, password }),
    });
    return { ok: answer.ok, status: answer.status, retryAfter: Number(answer.headers.get("retry-after")) || RETRY_S };
  } catch {
    return { ok: false, status: 0, retryAfter: RETRY_S };
  }
}

function showForm() {
  const name = field("name", "text", words.name, "username");
  const password = field("password", "password", words.password, "current-password");
  const show = make("input");
  Object.assign(show, { id: "show", type: "checkbox" });
  const showLabel = make("label", "", words.show);
  showLabel.htmlFor = "show";
  const capsLock = make("p", "note caps", words.capsLock);
  capsLock.setAttribute("role", "status");
  const outcome = make("p", "fault");
  outcome.id = "outcome";
  outcome.setAttribute("role", "alert");
  const enter = make("button", "first", words.enter);
  enter.type = "submit";
  const form = make("form", "panel", make("h1", "", words.title), outcome, name.element, password.element, capsLock, make("div", "show", show, showLabel), enter);
  form.noValidate = true;
  setHidden(capsLock, true);

  const say = (text, input) => {
    setText(outcome, text);
    for (const { input: each } of [name, password]) {
      each.toggleAttribute("aria-invalid", text !== "" && each === input);
      if (text === "") each.removeAttribute("aria-describedby");
      else each.setAttribute("aria-describedby", "outcome");
    }
    if (text !== "") input.focus();
  };
  const busy = (is) => {
    enter.disabled = is;
    setText(enter, is ? words.entering : words.enter);
  };

  show.addEventListener("change", () => (password.input.type = show.checked ? "text" : "password"));
  password.input.addEventListener("keyup", (event) => setHidden(capsLock, !event.getModifierState?.("CapsLock")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (enter.disabled) return;
    const empty = [name, password].find(({ input }) => input.value.trim() === "");
    if (empty !== undefined) {
      say(words.missing, empty.input);
      return;
    }
    say("");
    busy(true);
    const answer = await send(name.input.value, password.input.value);
    if (answer.ok) {
      leave(onward);
      return;
    }
    busy(false);
    password.input.value = "";
    say(trouble(answer), password.input);
  });

  const product = make("p", "product", words.product);
  document.body.replaceChildren(make("main", "", product, form, make("p", "note", words.forgotten), make("p", "", languageLink())));
  name.input.focus();
}

/** Whoever is signed in already goes on: a link from elsewhere comes without the cookie the first time. */
async function begin() {
  document.documentElement.lang = words.tag;
  document.title = `${words.title} · ${words.product}`;
  showForm();
  const here = await ask("/api/v1/session");
  const isWall = here.ok && here.data.person.role === "kiosk";
  if (here.ok && (!isWall || onward.startsWith("/wall"))) leave(onward);
}

begin();
