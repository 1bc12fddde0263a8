// The figures at the top of the overview. Each is a link to what it counts, and says what it lacks.

import { make, setAttribute } from "../common/element.js";
import { hashOf } from "../common/places.js";
import { percent } from "../common/values.js";
import { KINDS, countedAs, sum, yearOf } from "./counts.js";
import { amountText, total } from "./amounts.js";
import { bullet } from "./charts.js";
import { goalMark, mark } from "./marks.js";
import { rangeText } from "./targets.js";

export function keyFigures(desk) {
  const { words } = desk;
  const titles = [
    ...KINDS.map((kind) => words.overview.kindTitle(words.plan.kinds[kind])),
    words.overview.staffing,
    words.overview.chambers,
    words.overview.rewards,
  ];
  const cards = titles.map((title) => card(title, words.waiting[0], "", []));
  const [staffing, chambers, rewards] = [3, 4, 5];
  const kinds = KINDS.map((_, index) => index);
  const fill = (places, paths, draw) =>
    gather(
      desk,
      paths,
      places.map((place) => cards[place]),
      draw,
      places.map((place) => titles[place]),
    );
  if (desk.isProvince) {
    fill(kinds, ["plan/progress", "plan/targets"], (progress, targets) =>
      KINDS.map((kind) => kindCard(kind, progress, targets, desk)),
    );
    fill([staffing, chambers], ["plan/leagues?period=month", "evidence"], (leagues, evidence) => [
      staffingCard(leagues, evidence, words),
      chamberCard(leagues.chambers?.units ?? [], words),
    ]);
  } else {
    fill(kinds, ["plan/projects"], ({ rows }) => KINDS.map((kind) => ownCard(kind, rows, words)));
    fill([staffing, chambers], ["evidence"], (evidence) => [
      ownStaffingCard(evidence, words),
      chamberCard(levelsOf(evidence.chambers), words),
    ]);
  }
  fill([rewards], ["plan/reward"], ({ balances }) => [rewardCard(balances.units, words)]);
  return make("div", "cards key", ...cards);
}

/** Ask, then put the cards that are drawn in their places, or say there that it failed. */
async function gather(desk, paths, places, draw, titles) {
  const answers = await Promise.all(paths.map((path) => desk.plan(path)));
  const made = answers.every(({ ok }) => ok)
    ? draw(...answers.map(({ data }) => data))
    : titles.map((title) => failed(title, desk.words));
  places.forEach((place, index) => place.replaceWith(made[index]));
}

function card(title, figure, bound, notes, { place = null, tone = null } = {}) {
  const node = make(
    place === null ? "div" : "a",
    "card",
    make("p", "label", title),
    make("p", "figure", figure, " ", make("span", "bound", bound)),
    ...notes,
  );
  if (place !== null) node.href = hashOf(...place);
  setAttribute(node, "data-tone", tone);
  return node;
}

/** What the centre did not answer is unknown, not nothing. */
function failed(title, words) {
  return card(title, "?", "", [make("p", "", mark("question", "unknown", words.faults.down[0]))], { tone: "unknown" });
}

function kindCard(kind, progress, targets, desk) {
  const { words } = desk;
  const year = yearOf(progress.as_of);
  const row = progress.totals.filter((each) => each.kind === kind && each.year === year).at(-1);
  const goal = targets.goals.find(({ id }) => id === `${kind}_${year}`);
  const { accepted_cumulative: accepted, completed_cumulative: completed, planned_cumulative: planned } = row;
  const whole = Math.max(planned, completed, 1);
  const left = Math.max(0, goal.text_low - accepted);
  const state = make("p", "", goalMark(goal.status, words), left > 0 ? ` ${words.overview.left(left)}` : "");
  const bar = bullet(
    { done: accepted / whole, waiting: completed / whole, due: goal.text_low / whole, lags: goal.status === "not_met" },
    words.goals.bar(accepted, completed, goal.text_low, planned),
  );
  const notes = [make("p", "note", words.overview.bounds(year, rangeText(goal), completed)), bar, state];
  return card(words.overview.kindTitle(words.plan.kinds[kind]), String(accepted), `/ ${planned}`, notes, {
    place: ["projects", `kind=${kind}`, `accepted=..${year}`],
  });
}

/** The projects that somebody of a part of the province sees: no target is theirs alone. */
function ownCard(kind, rows, words) {
  const own = rows.filter((row) => countedAs(row.kind) === kind && row.state !== "withdrawn");
  const accepted = own.filter(({ state }) => state === "accepted").length;
  const completed = own.filter(({ completed_on: on }) => on !== null).length;
  const late = own.filter(({ overdue }) => overdue).length;
  const whole = Math.max(1, own.length);
  const notes = [
    make("p", "note", words.overview.own(completed)),
    bullet(
      { done: accepted / whole, waiting: completed / whole, due: null, lags: false },
      words.overview.own(completed),
    ),
  ];
  if (late) notes.push(make("p", "", mark("triangle", "over", words.plan.overdue(late))));
  return card(words.overview.kindTitle(words.plan.kinds[kind]), String(accepted), `/ ${own.length}`, notes, {
    place: ["projects", `kind=${kind}`, "state=accepted"],
  });
}

function staffingCard({ staffing, period }, evidence, words) {
  const tallies = (staffing?.units ?? []).map((each) => each.shifts).filter(Boolean);
  return shiftsCard(words.overview.staffingOf(period.from_on, evidence.as_of), tallies, evidence, words);
}

function ownStaffingCard(evidence, words) {
  return shiftsCard(
    words.overview.staffingLast(evidence.figures.shifts),
    evidence.faces.map(({ tally }) => tally),
    evidence,
    words,
  );
}

function shiftsCard(title, tallies, evidence, words) {
  const within = sum(tallies, "within");
  const all = within + sum(tallies, "exceeded") + sum(tallies, "no_verdict");
  const doubts = evidence.accepted_in_doubt.length;
  if (all === 0)
    return card(title, "?", words.noData, [make("p", "", mark("question", "unknown", words.overview.noShifts))], {
      place: ["compliance"],
      tone: "unknown",
    });
  const notes = [
    make("p", "note", words.overview.shifts(all, sum(tallies, "exceeded"), percent(sum(tallies, "no_verdict") / all))),
  ];
  if (doubts) notes.push(make("p", "", mark("triangle", "over", words.overview.doubts(doubts))));
  return card(title, percent(within / all), "", notes, { place: ["compliance"] });
}

/** Chambers one by one as a line of the league. */
function levelsOf(chambers) {
  const count = (test) => chambers.filter(test).length;
  return [
    {
      chambers: chambers.length,
      unattended: count(({ observed }) => observed === "unattended"),
      central_control: count(({ observed }) => observed === "central_control"),
      no_verdict: count(({ observed }) => observed === "no_verdict"),
      unobserved: count(({ observed }) => observed === null),
      declared: count(({ declared }) => declared === "unattended" || declared === "central_control"),
      contradicted: count(({ agrees }) => agrees === false),
    },
  ];
}

function chamberCard(lines, words) {
  const place = ["compliance", "chambers"];
  const all = sum(lines, "chambers");
  const noData = (why) =>
    card(words.overview.chambers, "?", words.noData, [make("p", "", mark("question", "unknown", why))], {
      place,
      tone: "unknown",
    });
  if (all === 0) return noData(words.overview.noChambers);
  const blind = sum(lines, "unobserved") + sum(lines, "no_verdict");
  if (blind === all) return noData(words.overview.blind(blind));
  const at = sum(lines, "unattended") + sum(lines, "central_control");
  const contradicted = sum(lines, "contradicted");
  const notes = [make("p", "note", words.overview.declared(percent(sum(lines, "declared") / all), all))];
  if (blind) notes.push(make("p", "", mark("question", "unknown", words.overview.blind(blind))));
  if (contradicted) notes.push(make("p", "", mark("triangle", "over", words.overview.contradicted(contradicted))));
  return card(words.overview.chambers, percent(at / all), words.overview.observed, notes, { place });
}

function rewardCard(units, words) {
  const of = (key) => total(units.map((row) => row[key]));
  const notes = [
    make("p", "note", words.overview.paid(amountText(of("paid_wan"), 0), amountText(of("balance_wan"), 0))),
  ];
  if (Number(of("paid_without_reward_wan")) > 0)
    notes.push(make("p", "note", words.overview.paidWithout(amountText(of("paid_without_reward_wan"), 0))));
  return card(words.overview.rewards, amountText(of("reward_wan"), 0), words.rewards.unit, notes, {
    place: ["rewards"],
  });
}
