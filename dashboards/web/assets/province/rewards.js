// Rewards (以奖代补): what is due, what was paid in advance and on acceptance, what is left, and the open cases. Every sum
// is a link to the projects that it adds up.

import { make } from "../common/element.js";
import { hashOf } from "../common/places.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { amountText, total } from "./amounts.js";
import { bullet } from "./charts.js";
import { filtersOf } from "./counts.js";
import { choices } from "./desk.js";
import { fileName } from "./project_list.js";

/** Which projects a sum adds up, and what of each. */
const SUMS = {
  reward_wan: { has: (row) => row.reward_wan !== null, amount: (row) => row.reward_wan },
  paid_wan: { has: (row) => row.reward_wan !== null && Number(paid(row)) !== 0, amount: paid },
  balance_wan: { has: (row) => Number(row.balance?.balance_wan ?? 0) !== 0, amount: (row) => row.balance.balance_wan },
  paid_without_reward_wan: { has: (row) => row.reward_wan === null && Number(paid(row)) !== 0, amount: paid },
  capped_wan: { has: (row) => row.status === "ambiguous", amount: (row) => row.capped_wan },
};

function paid({ balance }) {
  return balance === null ? "0" : total([balance.advance_wan, balance.acceptance_wan]);
}

/** Where the projects of a sum stand: of all units or one, of all years of completion or one. */
function placeOf(sum, unit = null, year = null) {
  const filters = [`sum=${sum}`, unit === null ? null : `unit=${unit}`, year === null ? null : `year=${year}`];
  return ["rewards", ...filters.filter((part) => part !== null)];
}

/** An amount as a link to the projects that it adds up; a sum of nothing is none. */
function sumLink(amount, desk, ...of) {
  const text = amountText(amount);
  return amount === null || Number(amount) === 0 ? text : desk.link(text, ...placeOf(...of));
}

export function open(desk, parts) {
  const filters = filtersOf(parts.slice(1));
  return filters.sum in SUMS ? openSum(desk, filters) : openAll(desk);
}

/** The projects that one sum adds up. */
function openSum(desk, { sum, unit, year }) {
  const { words } = desk;
  const isOpen = sum === "capped_wan";
  const of = isOpen ? words.rewards.open : words.rewards.columns[sum];
  const said = [unit && desk.unitText(unit), year && words.rewards.completedIn(year), of];
  const title = said.filter(Boolean).join(" · ");
  const panel = new Panel(words, words.rewards.projects);
  desk.fill(panel, ["plan/reward"], (told) => {
    const isMeant = (row) => (!unit || row.enterprise === unit) && (!year || String(row.year) === year);
    const rows = withBalances(told).filter((row) => isMeant(row) && SUMS[sum].has(row));
    panel.heading.textContent = words.list.count(rows.length);
    if (!rows.length) return words.empty.list;
    const table = projectTable(desk, isOpen);
    table.show(rows);
    panel.element.querySelector(".actions").replaceChildren(table.csvButton(() => fileName(desk, title)));
    const all = amountText(total(rows.map(SUMS[sum].amount)));
    return [make("p", "", words.rewards.adds(words.rewards.columns[sum], all)), table.element];
  });
  return [desk.heading(title, { trail: [desk.link(words.rewards.title, "rewards")] }), panel.element];
}

function openAll(desk) {
  const { words } = desk;
  const cards = make("div", "cards");
  const units = new Panel(words, words.rewards.units);
  desk.fill(units, ["plan/reward"], (told) => {
    cards.replaceChildren(...sums(told, words));
    return told.balances.units.length
      ? [unitTable(told.balances.units, desk), make("p", "note", words.rewards.rule)]
      : words.empty.rewards;
  });
  const years = new Panel(words, words.rewards.years);
  desk.fill(years, ["plan/reward"], ({ sums: rows }) => (rows.length ? [yearTable(rows, desk)] : words.empty.rewards));
  return [desk.heading(words.rewards.title), cards, units.element, years.element, projects(desk).element];
}

function sums({ projects, balances }, words) {
  const of = (rows, key) => total(rows.map((row) => row[key]));
  const unclear = projects.filter(SUMS.capped_wan.has);
  const amounts = ["reward_wan", "paid_wan", "balance_wan", "paid_without_reward_wan"].map((key) =>
    card(words.rewards.columns[key], amountFigure(of(balances.units, key), words), placeOf(key), words.rewards.notes[key]),
  );
  const note = words.rewards.openNote(amountText(of(unclear, "capped_wan"), 2));
  return [...amounts, card(words.rewards.open, [String(unclear.length)], placeOf("capped_wan"), note)];
}

function amountFigure(amount, words) {
  return [amountText(amount, 2), make("span", "bound", ` ${words.rewards.unit}`)];
}

function card(name, figure, place, note = "") {
  const node = make("a", "card", make("p", "label", name), make("p", "figure", ...figure), make("p", "note", note));
  node.href = hashOf(...place);
  return node;
}

/** Units with what is due, paid and left. */
export function unitTable(rows, desk) {
  const { words } = desk;
  const amount = (key) => ({
    key,
    title: words.rewards.columns[key],
    number: true,
    show: (row) => sumLink(row[key], desk, key, row.enterprise),
    value: (row) => Number(row[key]),
  });
  const table = new Table(
    words,
    [
      {
        key: "enterprise",
        title: words.unit,
        show: (row) => desk.link(desk.unitText(row.enterprise), "unit", row.enterprise),
        value: (row) => row.enterprise,
      },
      amount("reward_wan"),
      amount("paid_wan"),
      { key: "bar", title: words.rewards.share, csv: false, sort: false, show: (row) => paidBar(row, words) },
      amount("balance_wan"),
      amount("paid_without_reward_wan"),
    ],
    { caption: words.rewards.units },
  );
  table.show(rows);
  return table.element;
}

function paidBar({ reward_wan: reward, paid_wan: paid }, words) {
  const share = Number(reward) > 0 ? Number(paid) / Number(reward) : 0;
  return bullet(
    { done: share, waiting: share, due: null, lags: false },
    words.rewards.paidShare((share * 100).toFixed(1)),
  );
}

/** Rewards by unit and year of completion. */
export function yearTable(rows, desk) {
  const { words } = desk;
  const years = [...new Set(rows.map(({ year }) => year))].sort();
  const units = [...new Set(rows.map(({ enterprise }) => enterprise))];
  const of = (unit, year) => rows.find((row) => row.enterprise === unit && row.year === year)?.reward_wan ?? null;
  const table = new Table(
    words,
    [
      { key: "unit", title: words.unit, sort: false, show: (unit) => desk.link(desk.unitText(unit), "unit", unit) },
      ...years.map((year) => ({
        key: String(year),
        title: words.plan.year(year),
        number: true,
        sort: false,
        show: (unit) => sumLink(of(unit, year), desk, "reward_wan", unit, year) ?? words.spans.none,
      })),
      {
        key: "sum",
        title: words.rewards.sum,
        number: true,
        sort: false,
        show: (unit) => sumLink(total(years.map((year) => of(unit, year))), desk, "reward_wan", unit),
      },
    ],
    { caption: words.rewards.years },
  );
  table.show(units);
  return table.element;
}

function projects(desk) {
  const { words } = desk;
  const panel = new Panel(words, words.rewards.projects);
  desk.fill(panel, ["plan/reward"], (told) => {
    if (!told.projects.length) return words.empty.projects;
    const rows = withBalances(told);
    const table = projectTable(desk);
    const show = (status) => table.show(status === "" ? rows : rows.filter((row) => row.status === status));
    const counted = Object.keys(words.rewards.statuses).map((status) => [
      status,
      rows.filter((row) => row.status === status).length,
    ]);
    const options = [
      ["", `${words.all} ${rows.length}`],
      ...counted
        .filter(([, count]) => count)
        .map(([status, count]) => [status, `${words.rewards.statuses[status]} ${count}`]),
    ];
    panel.element.querySelector(".actions").replaceChildren(table.csvButton(() => fileName(desk, words.rewards.title)));
    const first = options.some(([status]) => status === "payable") ? "payable" : "";
    show(first);
    return [make("div", "no-print", choices(words.rewards.status, options, first, show)), table.element];
  });
  return panel;
}

/** The projects, each with what was paid for it; null where nothing was due or paid. */
function withBalances({ projects: all, balances }) {
  const balance = new Map(balances.projects.map((each) => [each.project, each]));
  return all.map((each) => ({ ...each, balance: balance.get(each.project) ?? null }));
}

/** `isOpen`: with what the formula would give where the text leaves it open. */
function projectTable(desk, isOpen = false) {
  const { words } = desk;
  const amount = (key, of = (row) => row[key]) => ({
    key,
    title: words.rewards.columns[key],
    number: true,
    show: (row) => amountText(of(row)) ?? words.spans.none,
    value: (row) => (of(row) === null ? null : Number(of(row))),
  });
  const paid = (key) => amount(key, (row) => row.balance?.[key] ?? null);
  const columns = [
    {
      key: "project",
      title: words.list.project,
      show: (row) => desk.link(row.project, "project", row.project),
      value: (row) => row.project,
    },
    {
      key: "enterprise",
      title: words.unit,
      show: (row) => desk.unitText(row.enterprise),
      value: (row) => row.enterprise,
    },
    {
      key: "year",
      title: words.rewards.year,
      number: true,
      show: (row) => (row.year === null ? words.spans.none : String(row.year)),
      value: (row) => row.year,
    },
    { key: "status", title: words.rewards.status, show: (row) => words.rewards.statuses[row.status] ?? row.status },
    {
      key: "payer",
      title: words.rewards.payer,
      show: (row) => (row.payer === null ? words.unknown : words.rewards.payers[row.payer]),
    },
    {
      key: "rate",
      title: words.rewards.rate,
      number: true,
      show: (row) => row.rate ?? words.spans.none,
      value: (row) => (row.rate === null ? null : Number(row.rate)),
    },
    amount("investment_wan"),
    amount("uncapped_wan"),
    amount("cap_wan"),
    amount("reward_wan"),
    ...(isOpen ? [amount("capped_wan")] : []),
    paid("advance_wan"),
    paid("acceptance_wan"),
    paid("balance_wan"),
  ];
  return new Table(words, columns, { caption: words.rewards.projects, key: (row) => row.project });
}
