import fc from 'fast-check';
import { expect, it } from 'vitest';

import { packSnapshot, unpackSeries, unpackSnapshot } from '../../../../electron/services/statements/pack-snapshot.ts';
import { counterAt, counterNames } from '../../../../electron/services/statements/statement-snapshot.ts';
import { entryOf, snapshotOf } from './snapshots.ts';

it('comes out of the store as it went in', async () => {
  const entry = fc
    .record({
      userId: fc.nat(2 ** 32 - 1),
      databaseId: fc.nat(2 ** 32 - 1),
      nested: fc.constantFrom(true, false, null),
      queryId: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
      numbers: fc.array(fc.double({ min: 0 }), { minLength: counterNames.length, maxLength: counterNames.length }),
    })
    .map(({ numbers, ...name }) => ({ ...entryOf(name), values: Float64Array.from(numbers) }));
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 30 }), async (entries) => {
      const snapshot = snapshotOf(entries, 5);
      const packed = await packSnapshot(snapshot);
      expect(await unpackSnapshot({ ...packed, meta: JSON.parse(JSON.stringify(packed.meta)) })).toEqual(snapshot);
      const series = await unpackSeries(packed);
      expect(series.map(({ queryId, values }) => [queryId, values[counterAt.calls]])).toEqual(
        entries.map(({ queryId, values }) => [queryId, values[counterAt.calls]]),
      );
    }),
    { numRuns: 40 },
  );
});

it('leaves out counters that a version does not have', async () => {
  const old = entryOf({}, { calls: 3 });
  old.values[counterAt.jitFunctions] = Number.NaN;
  const packed = await packSnapshot(snapshotOf([old], 5));
  expect(packed.meta.packed.body).not.toContain('jitFunctions');
  expect((await unpackSnapshot(packed)).entries[0]?.values[counterAt.jitFunctions]).toBeNaN();
});
