import { formatBytes } from '../../../lib/format-bytes.ts';
import { formatCount, formatCountShort } from '../../../lib/format-count.ts';
import { formatDuration } from '../../../lib/format-duration.ts';

export type ChartUnit = 'count' | 'whole' | 'bytes' | 'ms' | 'share';

/** A vertical axis from `bottom` to `top`, with the values that get a line. */
export interface Scale {
  readonly bottom: number;
  readonly top: number;
  readonly ticks: readonly number[];
}

const decimalTops = [1, 2, 4, 6, 10] as const;

/** The smallest axis with round numbers, at its half too, that holds these values. */
export function scaleFor(unit: ChartUnit, smallest: number, greatest: number): Scale {
  if (unit === 'share') {
    const bottom = smallest >= 0.9 ? 0.9 : smallest >= 0.5 ? 0.5 : 0;
    return { bottom, top: 1, ticks: [bottom, (bottom + 1) / 2, 1] };
  }
  const top =
    unit === 'bytes'
      ? 2 ** Math.ceil(Math.log2(Math.max(1024, greatest)))
      : decimalTop(unit === 'whole' ? 2 : 1, greatest);
  return { bottom: 0, top, ticks: [0, top / 2, top] };
}

function decimalTop(least: number, greatest: number): number {
  if (greatest <= least) return least;
  const power = 10 ** Math.floor(Math.log10(greatest));
  for (const step of decimalTops) if (step * power >= greatest) return step * power;
  return 10 * power;
}

/** A value at the axis, as short as can be: `0`, `500`, `1.5 k`, `8 MB`, `95 %`. */
export function tickLabel(unit: ChartUnit, value: number): string {
  if (value === 0 && unit !== 'share') return '0';
  if (unit === 'share') return `${Math.round(value * 100)} %`;
  if (unit === 'bytes') return formatBytes(value).replace('.0 ', ' ');
  if (unit === 'ms') return formatDuration(value).replace('.0 ', ' ');
  return value < 10 ? String(value) : formatCountShort(value).replace('.0 ', ' ');
}

/** A value in words beside its name: `0.4`, `1 204`, `48 k`, `1.2 MB`, `99.2 %`; a dash where it is not known. */
export function valueLabel(unit: ChartUnit, value: number | null): string {
  if (value === null) return '–';
  if (unit === 'share') return `${shareDigits(value)} %`;
  if (unit === 'bytes') return formatBytes(value);
  if (unit === 'ms') return value === 0 ? '0' : formatDuration(value);
  if (unit === 'whole') return formatCount(value);
  if (value < 9.95) return value.toFixed(1).replace(/\.0$/, '');
  return value < 99_500 ? formatCount(Math.round(value)) : formatCountShort(value);
}

/** 99.996 % is not 100 %. */
function shareDigits(share: number): string {
  if (share === 1) return '100';
  return (Math.floor(share * 10_000) / 100).toFixed(share >= 0.99 ? 2 : 1);
}

const steps = [15, 30, 60, 120, 300] as const;

/** Full instants of the local clock between two, at most five: where the time axis gets its lines. */
export function timeTicks(fromMs: number, toMs: number): readonly number[] {
  const stepMs = 1000 * (steps.find((seconds) => (toMs - fromMs) / (seconds * 1000) <= 5) ?? 600);
  const ticks: number[] = [];
  for (let at = Math.ceil(fromMs / stepMs) * stepMs; at <= toMs; at += stepMs) ticks.push(at);
  return ticks;
}

/** `18:04`, or `18:04:30` where the ticks are closer than a minute. */
export function timeLabel(atMs: number, withSeconds: boolean): string {
  const at = new Date(atMs);
  const parts = [at.getHours(), at.getMinutes(), ...(withSeconds ? [at.getSeconds()] : [])];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
