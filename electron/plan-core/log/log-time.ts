const time =
  /(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,6}))?(?: ?(Z\b|[A-Z]{2,5}(?![A-Za-z=])|[+-]\d\d(?::?\d\d)?(?!\d)))?/;
const epoch = /(?:^|[^\d.])(\d{10})\.(\d{3})(?!\d)/;

export interface LogTime {
  readonly atMs: number;
  readonly zone: string | null;
}

let lastSecond = '';
let lastSecondMs = 0;

/** The first time in a text: `2026-11-29 18:07:33.440 UTC`, ISO 8601, or seconds since 1970 (`%n`). Null where there is none. */
export function readLogTime(text: string): LogTime | null {
  const found = time.exec(text);
  if (found) {
    const [, year, month, day, hour, minute, second, fraction, zone] = found;
    const key = found[0].slice(0, 19);
    // Most messages share their second with the one before.
    if (key !== lastSecond) {
      const at = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
      lastSecond = key;
      lastSecondMs = at;
    }
    const ms = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000 + 1e-6);
    return { atMs: lastSecondMs + ms, zone: zone === 'Z' ? 'UTC' : (zone ?? null) };
  }
  const seconds = epoch.exec(text);
  return seconds ? { atMs: Number(seconds[1]) * 1000 + Number(seconds[2]), zone: 'UTC' } : null;
}
