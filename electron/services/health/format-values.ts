/** Numbers arrive as strings where JavaScript cannot hold them exactly (int8, numeric). */
export type SqlNumber = string | number;

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes in binary units, two or three digits: `812 kB`, `1.2 GB`. */
export function formatBytes(bytes: SqlNumber): string {
  let value = Number(bytes);
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < sizeUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || Math.abs(value) >= 100 ? 0 : 1;
  return `${trimZero(value.toFixed(digits))} ${sizeUnits[unit] ?? 'B'}`;
}

/** Milliseconds in the unit that gives two or three digits: `812 ms`, `3.4 s`, `41 days`. */
export function formatDuration(milliseconds: SqlNumber): string {
  const ms = Number(milliseconds);
  const seconds = ms / 1000;
  if (ms < 1000) return `${trimZero(ms.toFixed(ms < 10 ? 1 : 0))} ms`;
  if (seconds < 120) return `${trimZero(seconds.toFixed(seconds < 10 ? 1 : 0))} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} hours`;
  return `${formatCount(Math.round(seconds / 86_400))} days`;
}

/** Whole numbers with separators: `1,234,567`. Exact beyond 2^53. */
export function formatCount(count: SqlNumber): string {
  return typeof count === 'string' && /^-?\d+$/.test(count)
    ? BigInt(count).toLocaleString('en-US')
    : Math.round(Number(count)).toLocaleString('en-US');
}

/** A share of 1 as a percentage with at most one decimal: `83 %`, `99.4 %`. Never rounds up to 100. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  const rounded = percent < 100 ? Math.min(percent, 99.9) : percent;
  return `${trimZero(rounded.toFixed(1))} %`;
}

/** `1 row`, `2 rows`. */
export function plural(count: SqlNumber, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${Number(count) === 1 ? one : many}`;
}

function trimZero(text: string): string {
  return text.replace(/\.0$/, '');
}
