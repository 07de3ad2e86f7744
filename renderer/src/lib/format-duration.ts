import type { Quantity } from './format-bytes.ts';

/** Splits a duration into number and unit, in the unit that gives 2 to 3 digits: 3.4 s, 812 ms, 41 µs. */
export function splitDuration(durationMs: number): Quantity {
  if (durationMs === 0) return { value: '0', unit: 'ms' };
  const abs = Math.abs(durationMs);
  if (abs < 0.9995) {
    const us = durationMs * 1000;
    return { value: Math.abs(us) < 9.95 ? us.toFixed(1) : us.toFixed(0), unit: 'µs' };
  }
  if (abs < 999.5) return { value: abs < 99.95 ? durationMs.toFixed(1) : durationMs.toFixed(0), unit: 'ms' };
  const seconds = durationMs / 1000;
  if (abs < 99_950) return { value: seconds.toFixed(1), unit: 's' };
  const minutes = seconds / 60;
  if (Math.abs(minutes) < 99.95) return { value: minutes.toFixed(1), unit: 'min' };
  const hours = minutes / 60;
  if (Math.abs(hours) < 99.95) return { value: hours.toFixed(1), unit: 'h' };
  return { value: (hours / 24).toFixed(1), unit: 'd' };
}

/** A duration in milliseconds, for example `3.4 s`. */
export function formatDuration(durationMs: number): string {
  const { value, unit } = splitDuration(durationMs);
  return `${value} ${unit}`;
}

/** Elapsed time for a running clock, without fractions: `8 s`, `1:04`, `1:02:07`. */
export function formatElapsed(durationMs: number): string {
  const total = Math.max(0, Math.floor(durationMs / 1000));
  if (total < 60) return `${total} s`;
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = String(total % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}
