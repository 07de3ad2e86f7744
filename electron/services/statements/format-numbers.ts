import { formatBytes, formatCount, formatDuration as longDuration } from '../health/index.ts';

export { formatBytes, formatCount };

/** A duration in milliseconds in the unit that gives two or three digits: `41 µs`, `3.2 ms`, `12 min`. */
export function formatDuration(ms: number): string {
  if (ms >= 0.9995 || ms === 0) return longDuration(ms);
  const us = ms * 1000;
  return `${us < 9.95 ? us.toFixed(1) : us.toFixed(0)} µs`;
}

/** How often something happens: `84 times a second`, `3.2 times an hour`. */
export function formatRate(count: number, spanMs: number): string {
  const perSecond = (count * 1000) / Math.max(1, spanMs);
  const [rate, unit] =
    perSecond >= 1
      ? [perSecond, 'second']
      : perSecond * 60 >= 1
        ? [perSecond * 60, 'minute']
        : [perSecond * 3600, 'hour'];
  return `${rate >= 99.5 ? formatCount(rate) : rate.toFixed(1)} times ${unit === 'hour' ? 'an' : 'a'} ${unit}`;
}
