import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { PlanComparison } from '#contract/plan-comparison.ts';

import { steward } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const node = (label: string, ms: number): string =>
  `${label}  (cost=0.00..35.50 rows=100 width=4) (actual time=0.010..${ms.toFixed(3)} rows=100 loops=1)\nExecution Time: ${ms.toFixed(3)} ms`;
const slow = node('Seq Scan on item', 200);
const fast = node('Index Scan using item_pkey on item', 2);

describe('plan compare', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('tells what changed in words and as JSON, from files and standard input', async () => {
    const file = path.join(folder, 'plans.txt');
    await writeFile(file, `${fast}\n\n${slow}`);
    expect(await steward(['plan', 'compare', `${file}#2`, '-'], { input: fast })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^100 times faster: 200 ms → 2\.0 ms\n1 nodes matched, 1 of them changed; 0 removed, 0 added\n\nWhat matters\n  Seq Scan on item → Index Scan using item_pkey on item: 198 ms won\n[^]*Only the plan after uses the index item_pkey/,
      ),
    });
    const { before, after, comparison } = (await steward(['plan', 'compare', file, `${file}#2`, '--json'])).json<{
      before: { nodes: unknown[]; text?: string };
      after: { nodes: unknown[] };
      comparison: PlanComparison;
    }>();
    expect([before.nodes.length, before.text, after.nodes.length]).toEqual([1, undefined, 1]);
    expect(comparison).toMatchObject({
      verdict: 'slower',
      basis: 'time',
      factor: 100,
      pairs: [{ beforeId: 0, afterId: 0 }],
    });
  });

  it('ends with 1 only where the plan after is slower by more than the factor', async () => {
    const [one, other] = [path.join(folder, 'a.txt'), path.join(folder, 'b.txt')];
    await writeFile(one, fast);
    await writeFile(other, slow);
    const codes = await Promise.all([
      steward(['plan', 'compare', one, other, '--fail-on-slower', '50']),
      steward(['plan', 'compare', one, other, '--fail-on-slower', '150']),
      steward(['plan', 'compare', other, one, '--fail-on-slower', '1']),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([1, 0, 0]);
  });

  it('ends with 2 for what cannot be read, and says which', async () => {
    const [one, other] = [path.join(folder, 'a.txt'), path.join(folder, 'b.txt')];
    await writeFile(one, fast);
    await writeFile(other, 'hello');
    const results = await Promise.all([
      steward(['plan', 'compare', one, other]),
      steward(['plan', 'compare', `${one}#2`, one]),
      steward(['plan', 'compare', one, path.join(folder, 'gone')]),
      steward(['plan', 'compare', '-', '-'], { input: fast }),
      steward(['plan', 'compare', one, one, '--fail-on-slower', 'much']),
    ]);
    expect(results.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
    expect(results.map(({ stderr }) => stderr)).toEqual([
      expect.stringContaining('b.txt: No plan found'),
      expect.stringContaining('holds one plan, not 2'),
      expect.stringContaining('gone cannot be read'),
      expect.stringContaining('standard input'),
      expect.stringContaining('--fail-on-slower'),
    ]);
  });
});
