// The few figures of the whole mine that a dispatcher wants at a glance, made of the areas' own values.
// A figure made of several is only as good as the worst of them: with one unknown it is marked as incomplete.

import { isGood } from "../common/values.js";

const formOf = ({ equipment, quantity }) => new RegExp(`^${equipment}(?: \\d+)?/${quantity}$`);

/** `how`: the highest, the sum, the lowest, or how many of them are on; the most telling first. */
const WANTED = [
  { key: "methane", equipment: "Gas", quantity: "Methane", how: "highest", of: "faces" },
  { key: "airflow", equipment: "Main Fan", quantity: "Airflow", how: "sum" },
  { key: "sump", equipment: "Sump", quantity: "Level", how: "highest" },
  { key: "pumps", equipment: "Pump", quantity: "Running", how: "count" },
  { key: "belt", equipment: "Belt", quantity: "Running", how: "count", of: "chambers" },
  { key: "hoist", equipment: "Hoist", quantity: "Running", how: "count" },
  { key: "fanPressure", equipment: "Main Fan", quantity: "Negative Pressure", how: "highest" },
  { key: "air", equipment: "Receiver", quantity: "Pressure", how: "lowest" },
  { key: "drainage", equipment: "Drainage Pipe", quantity: "Pure Flow", how: "sum" },
  { key: "feeders", equipment: "Feeder", quantity: "Switched On", how: "count" },
];
/** The metrics of a methane sensor. */
export const METHANE = formOf(WANTED[0]);
const NUMBERS = {
  highest: (numbers) => Math.max(...numbers),
  lowest: (numbers) => Math.min(...numbers),
  sum: (numbers) => numbers.reduce((sum, number) => sum + number, 0),
};

/**
 * What there is of them: `{key, how, value, unit, decimals, of, unknown, parts}`. `value` is null where nothing is
 * known; `of` says how many there are, `unknown` of how many nothing is known, `parts` are the values themselves
 * as `[area, value]`.
 */
export function keyValues(faces, chambers) {
  const areas = { faces: [...faces], chambers: [...chambers] };
  return WANTED.map((wanted) => keyValue(wanted, areas[wanted.of] ?? [...areas.faces, ...areas.chambers])).filter(Boolean);
}

/** The methane of a face: the same, of its own sensors; null where it has none. */
export function methaneOf(face) {
  return keyValue(WANTED[0], [face]);
}

/** The most urgent alarm about any known part of a key value, undefined where there is none. */
export function alarmAbout({ parts }, alarms) {
  const known = parts.filter(([, value]) => isGood(value));
  return alarms.find(({ area, source }) => known.some(([of, { metric }]) => of.code === area && metric === source));
}

function keyValue({ key, equipment, quantity, how }, areas) {
  const form = formOf({ equipment, quantity });
  const parts = areas.flatMap((area) => area.values.filter(({ metric }) => form.test(metric)).map((value) => [area, value]));
  if (parts.length === 0) return null;
  const known = parts.map(([, value]) => value).filter(isGood);
  const { unit, decimals } = parts[0][1];
  const value = known.length === 0 ? null : how === "count" ? known.filter(isOn).length : NUMBERS[how](known.map(numberOf));
  return { key, how, value, unit, decimals, of: parts.length, unknown: parts.length - known.length, parts };
}

const isOn = ({ value }) => value === true;
const numberOf = ({ value }) => Number(value);
