// Amounts in 万元 as the centre gives them, texts of four decimals: added exactly, shown in groups of three. Pure.

const PARTS = 10_000n;

/** The exact sum of amounts; null ones are left out. */
export function total(amounts) {
  let sum = 0n;
  for (const amount of amounts) if (amount !== null) sum += units(amount);
  return text(sum);
}

function units(amount) {
  const isNegative = amount.startsWith("-");
  const [whole, part = ""] = amount.replace("-", "").split(".");
  const count = BigInt(whole) * PARTS + BigInt(part.padEnd(4, "0"));
  return isNegative ? -count : count;
}

function text(count) {
  const size = count < 0n ? -count : count;
  return `${count < 0n ? "-" : ""}${size / PARTS}.${String(size % PARTS).padStart(4, "0")}`;
}

/** `8,308.5360`, or with fewer decimals where the last ones are only to be seen on demand; null of null. */
export function amountText(amount, decimals = 4) {
  if (amount === null) return null;
  const [whole, part = ""] = amount.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals === 4
    ? `${grouped}.${part.padEnd(4, "0")}`
    : Number(amount).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
