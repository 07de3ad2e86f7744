import type { Quantity } from './format-bytes.ts';

const narrowNoBreakSpace = '\u202f';

/** A whole number with thin spaces between its thousands: `18 204`. */
export function formatCount(count: number): string {
  const [whole = '', fraction] = String(count).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, narrowNoBreakSpace);
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Splits a large number into 2 to 3 digits and a dimmable unit: 1.3 B, 142 M, 60 k. Below 1000 there is no unit. */
export function splitCount(count: number): Quantity {
  const steps: readonly (readonly [number, string])[] = [
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  for (const [size, unit] of steps) {
    if (Math.abs(count) >= size * 0.9995) {
      const value = count / size;
      return { value: value.toFixed(Math.abs(value) < 99.95 ? 1 : 0), unit };
    }
  }
  return { value: String(Math.round(count)), unit: '' };
}

/** A large number in short: `1.3 B`. */
export function formatCountShort(count: number): string {
  const { value, unit } = splitCount(count);
  return unit === '' ? value : `${value} ${unit}`;
}

/** A number with its noun: `1 row`, `18 204 rows`. */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}
