export type CellValue = string | number | boolean | null;

/** Tab separated values as spreadsheets paste them: values that hold a tab, a line break or a quote are quoted. */
export function toTsv(header: readonly string[] | null, rows: readonly (readonly CellValue[])[]): string {
  return toDelimited(header, rows, '\t');
}

/** Comma separated values after RFC 4180, with null as an empty field. */
export function toCsv(header: readonly string[] | null, rows: readonly (readonly CellValue[])[]): string {
  return toDelimited(header, rows, ',');
}

/** An array of objects, one a row. Columns of the same name get a number behind them, so that none is lost. */
export function toJson(header: readonly string[], rows: readonly (readonly CellValue[])[]): string {
  const seen = new Map<string, number>();
  const names = header.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
  const objects = rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])));
  return JSON.stringify(objects, null, 2);
}

function toDelimited(
  header: readonly string[] | null,
  rows: readonly (readonly CellValue[])[],
  separator: string,
): string {
  const lines: string[] = [];
  if (header !== null) lines.push(header.map((name) => quoted(name, separator)).join(separator));
  for (const row of rows) lines.push(row.map((value) => quoted(value, separator)).join(separator));
  return lines.join('\n');
}

function quoted(value: CellValue, separator: string): string {
  if (value === null) return '';
  const text = String(value);
  return text.includes(separator) || /["\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
