// Tables as CSV files that spreadsheets open as they are: with a byte-order mark, and no text that they would run.

const RUNS = /^[=+\-@\t\r]/;

/** Rows of cells as CSV; numbers stay numbers, null is an empty cell. */
export function csvOf(rows) {
  return `\uFEFF${rows.map((row) => `${row.map(cellOf).join(",")}\r\n`).join("")}`;
}

function cellOf(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = RUNS.test(value) && !isNumber(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const isNumber = (text) => text.trim() !== "" && Number.isFinite(Number(text));

/** Have the reader keep a text as a file. */
export function keepFile(name, text, type = "text/csv") {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
