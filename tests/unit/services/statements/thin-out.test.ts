import fc from 'fast-check';
import { expect, it } from 'vitest';

import { keptSteps, snapshotsToDrop } from '../../../../electron/services/statements/thin-out.ts';

const minute = 60_000;
const now = 1_764_000_000_000;

it('keeps every snapshot of the last hour, then one in ten minutes, then one an hour, then one in six hours', () => {
  const days = 20;
  const snapshots = Array.from({ length: days * 1440 }, (_, at) => ({ id: String(at), takenAtMs: now - at * minute }));
  const dropped = new Set(snapshotsToDrop(snapshots, now, 90));
  const kept = snapshots.filter(({ id }) => !dropped.has(id));
  const within = (from: number, to: number) =>
    kept.filter(({ takenAtMs }) => now - takenAtMs > from * minute && now - takenAtMs <= to * minute).length;
  expect(within(-1, 60)).toBe(61);
  expect(within(60, 1440)).toBeGreaterThanOrEqual(137);
  expect(within(60, 1440)).toBeLessThanOrEqual(139);
  expect(within(1440, 14 * 1440)).toBeGreaterThanOrEqual(311);
  expect(within(1440, 14 * 1440)).toBeLessThanOrEqual(313);
  expect(within(14 * 1440, 20 * 1440)).toBeLessThanOrEqual(25);
});

it('does not lose what it has kept as time goes on: taken every minute, an hour has its point a week later', () => {
  let kept: { id: string; takenAtMs: number }[] = [];
  for (let at = 0; at < 3 * 1440; at += 1) {
    const takenAtMs = now + at * minute;
    kept.push({ id: String(at), takenAtMs });
    const dropped = new Set(snapshotsToDrop(kept, takenAtMs, 90));
    kept = kept.filter(({ id }) => !dropped.has(id));
  }
  const end = now + 3 * 1440 * minute;
  const hours = new Set(
    kept
      .filter(({ takenAtMs }) => end - takenAtMs > 86_400_000)
      .map(({ takenAtMs }) => Math.floor(takenAtMs / 3_600_000)),
  );
  expect(hours.size).toBeGreaterThanOrEqual(48);
  expect(kept.length).toBeLessThan(61 + 139 + 50);
});

it('drops what is older than history is kept, but never the newest', () => {
  const old = [0, 1, 2].map((at) => ({ id: String(at), takenAtMs: now - (100 + at) * 86_400_000 }));
  expect(snapshotsToDrop(old, now, 90)).toEqual(['2', '1']);
  expect(snapshotsToDrop([], now, 90)).toEqual([]);
});

it('is settled: what is left is left again', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(30 * 86_400_000), { maxLength: 200 }), (ages) => {
      const snapshots = ages.map((age, at) => ({ id: String(at), takenAtMs: now - age }));
      const dropped = new Set(snapshotsToDrop(snapshots, now, 90));
      expect(
        snapshotsToDrop(
          snapshots.filter(({ id }) => !dropped.has(id)),
          now,
          90,
        ),
      ).toEqual([]);
    }),
  );
  const steps = keptSteps.map(({ everyMs }) => everyMs);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
});
