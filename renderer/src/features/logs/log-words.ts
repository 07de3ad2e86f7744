/** A time as the log's own clock showed it: `2026-11-29 18:07:33`. */
export function logTime(atMs: number | null): string {
  if (atMs === null || Math.abs(atMs) > 8.64e15) return '–';
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** From when to when, the day only once where it is the same: `2026-11-29 18:07 to 19:10 UTC`. */
export function logPeriod(firstAt: number | null, lastAt: number | null, zone: string | null): string {
  if (firstAt === null || lastAt === null) return 'no times in the log';
  const [first, last] = [logTime(firstAt), logTime(lastAt)];
  const end = first.slice(0, 10) === last.slice(0, 10) ? last.slice(11) : last;
  return `${first} to ${end}${zone === null ? '' : ` ${zone}`}`;
}

/** A statement on one line. */
export function oneLine(sql: string): string {
  return sql.slice(0, 1000).replaceAll(/\s+/g, ' ').trim();
}
