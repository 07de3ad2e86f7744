import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyzePlans } from '../../../electron/plan-core/index.ts';
import { readPlainText } from '../../../electron/plan-core/read-plain-text.ts';
import { generateMixedPlan } from '../../bench/plans/generate-plans.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const TEXTS = readdirSync(FIXTURES).filter((name) => name.endsWith('.txt'));
const SCAN = 'Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)';

/** A blank line before a plan is enough for the general way; it is not shown, so the lines of the nodes are the same. */
function readGenerally(text: string): unknown {
  return analyzePlans(`\n${text}`);
}

describe('the fast way for text as PostgreSQL prints it', () => {
  it.each(TEXTS)('reads %s as the general way does', (name) => {
    const text = readFileSync(join(FIXTURES, name), 'utf8');
    expect(analyzePlans(text)).toEqual(readGenerally(text));
  });

  it('reads a generated plan, and it is the fast one that does', () => {
    const text = analyzePlans(generateMixedPlan(2000))[0]?.text ?? '';
    expect(readPlainText(text)?.nodes.length).toBe(2000);
    expect(analyzePlans(text)).toEqual(readGenerally(text));
  });

  it.each([
    ['buffers out of order', 'Buffers: shared read=5 hit=3'],
    ['buffers of a scope in the middle of another', 'Buffers: shared hit=5 temp read=3'],
    ['buffers in other words', 'Buffers: shared hit=5, read=3'],
    ['a condition that ends like a node', 'Filter: (a = (cost=1..2 rows=1 width=4))'],
    ['a condition that goes on', "Filter: (a = 'b\n  c'::text)"],
    ['a word of a log', "Filter: (a = 'LOG:  b'::text)"],
    ['a key with no value', 'Filter: '],
    ['a key that nobody knows', 'Strange Key: 12'],
  ])('leaves %s to the general way, or reads it alike', (_, line) => {
    const text = `Append  (cost=0.00..1.00 rows=1 width=4)\n  ${line}\n  ->  ${SCAN}\n  ->  ${SCAN}`;
    expect(analyzePlans(text)).toEqual(readGenerally(text));
  });

  it.each([
    ['a frame', ` ${SCAN} \n(1 row)`],
    [
      'a wrapped line',
      `Append  (cost=0.00..1.00 rows=1 width=4)\n  ->  Seq Scan on t  (cost=0.00..1.00\n rows=1 width=4)`,
    ],
    ['two plans', `${SCAN}\n\n${SCAN}\n  ->  ${SCAN}`],
    ['a heading', `QUERY PLAN\n${SCAN}\n  ->  ${SCAN}`],
  ])('does not read %s', (_, text) => {
    expect(readPlainText(text)).toBeNull();
  });

  it('reads several keys of one aggregate as grouping sets', () => {
    const text = `HashAggregate  (cost=0.00..1.00 rows=1 width=4)\n  Group Key: a\n  Group Key: b\n  ->  ${SCAN}`;
    expect(analyzePlans(text)).toEqual(readGenerally(text));
    expect(analyzePlans(text)[0]?.nodes[0]?.properties['Grouping Sets']).toEqual([{ 'Group Keys': [['a'], ['b']] }]);
  });
});
