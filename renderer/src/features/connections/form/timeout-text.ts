const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };
const longestMs = 86_400_000;

/** Reads `500 ms`, `5 s`, `10 min`, `1 h` or `0` as milliseconds. Empty is undefined. A bare number says no unit. */
export function parseTimeout(text: string): number | undefined | 'invalid' {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === '') return undefined;
  if (trimmed === '0') return 0;
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|min|h)$/.exec(trimmed);
  const ms = match === null ? Number.NaN : Number(match[1]) * (unitMs[match[2] ?? ''] ?? Number.NaN);
  return Number.isInteger(ms) && ms <= longestMs ? ms : 'invalid';
}

/** Milliseconds in the largest unit that divides them: `10 min`. Undefined is empty. */
export function formatTimeout(ms: number | undefined): string {
  if (ms === undefined) return '';
  if (ms === 0) return '0';
  const [unit = 'ms', size = 1] = Object.entries(unitMs).findLast(([, candidate]) => ms % candidate === 0) ?? [];
  return `${ms / size} ${unit}`;
}
