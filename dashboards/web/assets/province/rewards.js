// Rewards (以奖代补): what is due, what was paid in advance and on acceptance, what is left, and the open cases.

import { make } from "../common/element.js";
import { Panel } from "../common/panel.js";
import { Table } from "../common/table.js";
import { amountText, total } from "./amounts.js";
import { bullet } from "./charts.js";
import { choices } from "./desk.js";
import { fileName } from "./project_list.js";

export function open(desk) {
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
  const open = projects.filter(({ status }) => status === "ambiguous");
  return [
    card(words.rewards.due, of(balances.units, "reward_wan"), words),
    card(words.rewards.paid, of(balances.units, "paid_wan"), words),
    card(words.rewards.balance, of(balances.units, "balance_wan"), words),
    card(
      words.rewards.paidWithout,
      of(balances.units, "paid_without_reward_wan"),
      words,
      words.rewards.paidWithoutNote,
    ),
    card(
      words.rewards.open,
      String(open.length),
      words,
      words.rewards.openNote(amountText(of(open, "capped_wan"), 2)),
      false,
    ),
  ];
}

function card(name, value, words, note = "", isAmount = true) {
  const figure = isAmount
    ? make("p", "figure", amountText(value, 2), make("span", "bound", ` ${words.rewards.unit}`))
    : make("p", "figure", value);
  if (isAmount) figure.title = words.wan(value);
  return make("div", "card", make("p", "label", name), figure, make("p", "note", note));
}

/** Units with what is due, paid and left. */
export function unitTable(rows, desk) {
  const { words } = desk;
  const amount = (key) => ({
    key,
    title: words.rewards.columns[key],
    number: true,
    show: (row) => amountText(row[key]),
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
      { key: "unit", title: words.unit, sort: false, show: (unit) => desk.unitText(unit) },
      ...years.map((year) => ({
        key: String(year),
        title: words.plan.year(year),
        number: true,
        sort: false,
        show: (unit) => amountText(of(unit, year)) ?? words.spans.none,
      })),
      {
        key: "sum",
        title: words.rewards.sum,
        number: true,
        sort: false,
        show: (unit) => amountText(total(years.map((year) => of(unit, year)))),
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
    const balance = new Map(told.balances.projects.map((each) => [each.project, each]));
    const rows = told.projects.map((each) => ({ ...each, balance: balance.get(each.project) ?? null }));
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

function projectTable(desk) {
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
    paid("advance_wan"),
    paid("acceptance_wan"),
    paid("balance_wan"),
  ];
  return new Table(words, columns, { caption: words.rewards.projects, key: (row) => row.project });
}
