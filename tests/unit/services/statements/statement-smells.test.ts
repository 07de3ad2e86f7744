import { beforeAll, describe, expect, it } from 'vitest';

import { SqlParser } from '../../../../electron/postgres/sql-parser/index.ts';
import {
  type SmellFacts,
  smellLimits,
  statementSmells,
  wantsShape,
} from '../../../../electron/services/statements/statement-smells.ts';

const parser = new SqlParser();
beforeAll(async () => {
  await parser.parse('select 1');
});

async function smells(sql: string | null, facts: Partial<SmellFacts>): Promise<string[]> {
  const all: SmellFacts = {
    spanMs: 600_000,
    execution: { count: 1, total: 1, squares: 0 },
    planning: { count: 0, total: 0, squares: 0 },
    rows: 0,
    blocks: 0,
    tempBytes: 0,
    callShare: 0,
    sql,
    shape: undefined,
    previous: null,
    ...facts,
  };
  const shape = wantsShape(all) && sql !== null ? await parser.shape(sql) : undefined;
  return statementSmells({ ...all, shape }).map(({ kind }) => kind);
}

const times = (count: number, meanMs: number, deviationMs = 0) => ({
  count,
  total: count * meanMs,
  squares: deviationMs ** 2 * count,
});

describe('N+1', () => {
  const lookup = 'select name from customers where id = $1';
  const often: Partial<SmellFacts> = { execution: times(60_000, 0.02), rows: 60_000, callShare: 0.8 };

  it('is one row by a key, again and again', async () => {
    expect(await smells(lookup, often)).toEqual(['n-plus-one']);
    expect(await smells('select c.name from customers c join cities using (id) where c.id = $1', often)).toEqual([
      'n-plus-one',
    ]);
  });

  it.each<[string, string | null, Partial<SmellFacts>]>([
    ['too rare', lookup, { ...often, execution: times(5000, 0.02), rows: 5000 }],
    ['a burst in a window of seconds', lookup, { ...often, spanMs: smellLimits.nPlusOne.spanMs - 1 }],
    ['a window whose length is not known', lookup, { ...often, spanMs: null }],
    ['several rows', lookup, { ...often, rows: 70_000 }],
    ['slow in itself', lookup, { ...often, execution: times(60_000, 3) }],
    ['few among many calls', lookup, { ...often, callShare: 0.02 }],
    ['no table', 'select now()', often],
    ['no condition', 'select count(*) from customers', often],
    ['a transaction', 'begin', often],
    ['an insert', 'insert into t values ($1)', often],
    ['a text that does not parse', 'select name from customers where id = $1 /* …', often],
    ['a text that is not known', null, often],
  ])('is not: %s', async (_why, sql, facts) => {
    expect(await smells(sql, facts)).toEqual([]);
  });
});

describe('OFFSET', () => {
  const deep: Partial<SmellFacts> = { execution: times(20, 40), rows: 400, blocks: 20 * 900 };

  it('is deep where many blocks are touched for few rows', async () => {
    expect(await smells('select id from orders order by id limit $1 offset $2', deep)).toEqual(['deep-offset']);
    expect(await smells('select id from orders order by id offset $1 rows fetch first $2 rows only', deep)).toEqual([
      'deep-offset',
    ]);
  });

  it.each<[string, string, Partial<SmellFacts>]>([
    ['of nought', 'select id from orders order by id limit $1 offset 0', deep],
    ['a name', 'select "offset" from orders where note = $1', deep],
    ['in a string', "select id from orders where note = 'offset 5'", deep],
    ['inside', 'select id from (select id from orders offset 0) s limit $1', deep],
    ['cheap', 'select id from orders limit $1 offset $2', { ...deep, blocks: 20 * 30 }],
    ['quick', 'select id from orders limit $1 offset $2', { ...deep, execution: times(20, 1) }],
    ['many rows as well', 'select id from orders limit $1 offset $2', { ...deep, rows: 18_000 }],
  ])('is not: %s', async (_why, sql, facts) => {
    expect(await smells(sql, facts)).toEqual([]);
  });
});

describe('a SELECT without a limit', () => {
  const large: Partial<SmellFacts> = { execution: times(10, 30), rows: 10 * smellLimits.unboundedSelect.rowsPerCall };

  it('is one that returns very many rows', async () => {
    expect(await smells('select * from orders', large)).toEqual(['unbounded-select']);
    expect(await smells('select id from a union all select id from b', large)).toEqual(['unbounded-select']);
    expect(await smells('select * from orders limit all', large)).toEqual(['unbounded-select']);
  });

  it.each([
    ['limited', 'select * from orders limit $1'],
    ['fetched', 'select * from orders fetch first $1 rows only'],
    ['a change', 'update orders set note = $1 returning id'],
    ['a series', 'select generate_series($1, $2)'],
    ['COPY', 'copy orders to stdout'],
  ])('is not: %s', async (_why, sql) => {
    expect(await smells(sql, large)).toEqual([]);
  });

  it('is not one that returns fewer', async () => {
    expect(
      await smells('select * from orders', { ...large, rows: 10 * smellLimits.unboundedSelect.rowsPerCall - 10 }),
    ).toEqual([]);
  });
});

describe('what numbers alone tell', () => {
  it('spilling from a mebibyte a call on', async () => {
    const { bytes, bytesPerCall } = smellLimits.tempSpill;
    expect(await smells('select 1', { tempBytes: bytes })).toEqual(['temp-spill']);
    expect(await smells('select 1', { tempBytes: bytes - 1 })).toEqual([]);
    const calls = bytes / bytesPerCall + 1;
    expect(await smells('select 1', { tempBytes: bytes, execution: times(calls, 1) })).toEqual([]);
  });

  it('planning that takes longer than running', async () => {
    const facts = { planning: times(100, 5), execution: times(100, 4) };
    expect(await smells('select 1', facts)).toEqual(['plan-time']);
    expect(await smells('select 1', { ...facts, execution: times(100, 5) })).toEqual([]);
    expect(await smells('select 1', { planning: times(100, 0.4), execution: times(100, 0.1) })).toEqual([]);
  });

  it('times that spread, unless it was one slow call', async () => {
    expect(await smells('select 1', { execution: times(400, 20, 70) })).toEqual(['unsteady']);
    expect(await smells('select 1', { execution: times(400, 20, 60) })).toEqual([]);
    expect(await smells('select 1', { execution: times(99, 20, 70) })).toEqual([]);
    // One call of 8 s among 399 that took nothing.
    expect(await smells('select 1', { execution: times(400, 20, 20 * Math.sqrt(399)) })).toEqual([]);
    expect(await smells('select 1', { execution: { count: 400, total: 8000, squares: Number.NaN } })).toEqual([]);
  });
});

describe('a regression', () => {
  const before = times(200, 10, 4);

  it('is twice as slow as in the window before, and more than its spread explains', async () => {
    expect(await smells('select 1', { execution: times(200, 25, 10), previous: before })).toEqual(['regression']);
  });

  it.each<[string, Partial<SmellFacts>]>([
    ['less than twice', { execution: times(200, 19, 1), previous: before }],
    ['within the noise', { execution: times(25, 45, 200), previous: { ...before, count: 25, total: 250 } }],
    ['few calls now', { execution: times(19, 90, 1), previous: before }],
    ['few calls then', { execution: times(200, 90, 1), previous: times(19, 10, 1) }],
    ['a tiny difference', { execution: times(100_000, 0.9, 0.1), previous: times(100_000, 0.1, 0.1) }],
    ['it costs nothing', { execution: times(30, 30, 1), previous: before }],
    ['a spread that is not known', { execution: { count: 200, total: 8000, squares: Number.NaN }, previous: before }],
    ['no window before', { execution: times(200, 25, 10) }],
  ])('is not: %s', async (_why, facts) => {
    expect(await smells('select 1', facts)).toEqual([]);
  });
});

it('says what was seen with its numbers, and what to do', () => {
  const [smell] = statementSmells({
    spanMs: 600_000,
    execution: times(200, 25, 10),
    planning: times(0, 0),
    rows: 0,
    blocks: 0,
    tempBytes: 0,
    callShare: 0,
    sql: null,
    shape: undefined,
    previous: times(200, 10, 4),
  });
  expect(smell).toMatchObject({
    label: '2.5× slower',
    message: expect.stringContaining(
      'It takes 25 ms on average, and took 10 ms in the window before: 2.5 times as long, over 200 calls.',
    ),
    advice: expect.stringMatching(/\.$/),
  });
});
