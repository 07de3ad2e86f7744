import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Plan, PlanNode } from '#contract/plan-model.ts';

import { analyzePlans, printPlanText } from '../../electron/plan-core/index.ts';
import { serverBinaries, startTestServer, type TestServer } from '../support/postgres-server.ts';
import { type PlanStatement, STATEMENTS } from './plan-formats-statements.ts';

const DATABASE = 'plans';
const STRUCTURED = ['json', 'yaml', 'xml'] as const;
/** Comes with the client package, which a server does not need. */
const PSQL = path.join(serverBinaries(15) ?? '', 'psql');
const LOG_FILES = ['pg.log', 'pg.csv', 'pg.json'] as const;

/** EXPLAIN of one statement in one format, in a transaction that is rolled back. */
async function explain(client: pg.Client, statement: PlanStatement, options: string, format: string): Promise<string> {
  await client.query('begin');
  try {
    await client.query('deallocate all');
    if (statement.before !== undefined) await client.query(statement.before);
    for (const [name, value] of Object.entries(statement.settings ?? {}))
      await client.query(`set local ${name} = ${pg.escapeLiteral(String(value))}`);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>({
      text: `explain (${options}, format ${format}) ${statement.sql}`,
      types: { getTypeParser: () => String },
    });
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  } finally {
    await client.query('rollback');
  }
}

/** Counters that FORMAT TEXT leaves out where they are zero, and flags it has no word for where they are false. */
const LEFT_OUT = /(?: Blocks|I\/O (?:Read|Write) Time)$|^WAL |^(?:Disabled|Inner Unique|Planned Partitions)$/;

function isNothing(value: unknown): boolean {
  if (value === 0 || value === false) return true;
  return typeof value === 'object' && value !== null && Object.values(value).every(isNothing);
}

/** Groups of a statement and workers of a node have counters, too. */
function withoutZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutZeros);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(LEFT_OUT.test(key) && isNothing(inner)))
      .map(([key, inner]) => [key, withoutZeros(inner)]),
  );
}

/** A node without what FORMAT TEXT cannot tell. */
function told(node: PlanNode, isVerbose: boolean): object {
  const properties = Object.fromEntries(
    Object.entries(node.properties).filter(([key, value]) => {
      // Without VERBOSE there is no line for these.
      if (!isVerbose && key === 'Inner Unique') return false;
      if (!isVerbose && key === 'Function Name') return false;
      // A server before 16 had a third direction, which reads like the first.
      if (key === 'Scan Direction' && value !== 'Backward') return false;
      return key !== 'Workers' || JSON.stringify(value).replaceAll(/\{"Worker Number":\d+\}|[[\],]/g, '') !== '';
    }),
  );
  const { totalBuffers, selfBuffers, functionName, ...rest } = node;
  return {
    ...rest,
    ...(isNothing(totalBuffers ?? 0) ? {} : { totalBuffers, selfBuffers }),
    ...(isVerbose ? { functionName } : {}),
    properties: withoutZeros(properties),
    line: 0,
    endLine: 0,
  };
}

function comparable(plans: readonly Plan[], isVerbose: boolean): unknown {
  return plans.map(({ nodes, properties, triggers }) => ({
    nodes: nodes.map((node) => told(node, isVerbose)),
    statement: withoutZeros(
      Object.fromEntries(
        Object.entries(properties ?? {}).filter(([key, value]) => key !== 'Triggers' && !isNothing(value)),
      ),
    ),
    // A constraint's trigger has a name only with VERBOSE.
    triggers: triggers.map(({ name, ...trigger }) => ({ ...trigger, name: trigger.constraint ?? name })),
  }));
}

/** Zeros that are printed because the rows were some, and divided by the loops are none: no other format tells them apart. */
function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '' && !/Rows Removed by [\w ]+: 0$/.test(line));
}

function textOf(plans: readonly Plan[]): string[] {
  return linesOf(plans.map(({ text }) => text).join('\n'));
}

function printedText(plans: readonly Plan[]): string[] {
  return linesOf(plans.map((plan) => printPlanText(plan).text).join('\n'));
}

/** Sum of self minus root, and what must not be below zero. */
function imbalance({ nodes }: Plan): unknown {
  const root = nodes[0];
  const sum = (of: (node: PlanNode) => number | undefined): number =>
    nodes.reduce((total, node) => total + (of(node) ?? 0), 0);
  const blocks = Object.keys(root?.totalBuffers ?? {}) as (keyof NonNullable<PlanNode['totalBuffers']>)[];
  return {
    time:
      root?.totalMs === undefined ? 0 : Math.round(Math.abs(sum(({ selfMs }) => selfMs) - root.totalMs) * 1e6) / 1e6,
    blocks: blocks.filter((kind) => sum(({ selfBuffers }) => selfBuffers?.[kind]) !== root?.totalBuffers?.[kind]),
    negative: nodes.filter(
      ({ selfMs, selfBuffers }) => (selfMs ?? 0) < 0 || Object.values(selfBuffers ?? {}).some((count) => count < 0),
    ),
  };
}

const BALANCED = { time: 0, blocks: [], negative: [] };
/** Do two runs count the same? What changes data leaves dead rows behind, and processes share the rows as it happens. */
function isRepeatable({ sql, settings }: PlanStatement): boolean {
  return settings?.['parallel_setup_cost'] === undefined && !/\b(?:insert|update|delete|merge)\b/i.test(sql);
}

/** It runs after the root has ended, so that the root's counters are without it. */
const AFTER_THE_ROOT = new Set(['cte that is not asked for']);

describe.each([15, 18] as const)('PostgreSQL %i', (major) => {
  let server: TestServer;
  let client: pg.Client;
  let logDirectory: string;
  const statements = STATEMENTS.filter(({ since }) => (since ?? 0) <= major).map((statement) =>
    major < 16 ? statement : renamed(statement),
  );

  beforeAll(async () => {
    server = await startTestServer({
      major,
      settings: {
        autovacuum: 'off',
        logging_collector: 'on',
        log_destination: 'stderr,csvlog,jsonlog',
        log_directory: 'log',
        log_filename: 'pg.log',
      },
    });
    await server.createDatabase(DATABASE);
    const setup = readFileSync(path.join(import.meta.dirname, 'plan-formats.sql'), 'utf8')
      .replaceAll(":'port'", pg.escapeLiteral(String(server.port)))
      .replaceAll(":'database'", pg.escapeLiteral(DATABASE))
      .replaceAll(":'user'", pg.escapeLiteral(server.user))
      .replaceAll(":'password'", pg.escapeLiteral(server.password));
    await server.run(setup, DATABASE);
    const [row] = await server.run('show data_directory');
    logDirectory = path.join(String(row?.['data_directory']), 'log');
    client = new pg.Client({ connectionString: server.url(DATABASE) });
    await client.connect();
  }, 60_000);

  afterAll(async () => {
    await client?.end();
    await server?.stop();
  });

  it.each([
    ['verbose', 'verbose'],
    ['without costs', 'costs off'],
    ['counted', `analyze, timing off, summary off${major < 18 ? '' : ', buffers off'}`],
  ])(
    'prints the same plan in four formats: %s',
    async (_, options) => {
      const isVerbose = options.includes('verbose');
      for (const statement of statements) {
        if (options.startsWith('analyze') && !isRepeatable(statement)) continue;
        const source = await explain(client, statement, options, 'text');
        const text = analyzePlans(source);
        expect(textOf(text), statement.name).toEqual(linesOf(source));
        for (const format of STRUCTURED) {
          const other = analyzePlans(await explain(client, statement, options, format));
          expect([textOf(other), comparable(other, isVerbose)], `${statement.name}, ${format}`).toEqual([
            linesOf(source),
            comparable(text, isVerbose),
          ]);
        }
      }
    },
    120_000,
  );

  it('is read without loss from a run with everything on, and its numbers add up', async () => {
    const options = `analyze, verbose, buffers, wal, settings, summary${major < 18 ? '' : ', memory, serialize text'}`;
    const jit = major === 15 ? { jit: 'on', jit_above_cost: 0 } : {};
    for (const { name, settings, ...statement } of statements) {
      const measured = {
        ...statement,
        name,
        settings: { ...settings, ...jit, track_io_timing: 'on', compute_query_id: 'on' },
      };
      const source = await explain(client, measured, options, 'text');
      const text = analyzePlans(source);
      expect(printedText(text), name).toEqual(linesOf(source));
      for (const format of STRUCTURED) {
        const plans = analyzePlans(await explain(client, measured, options, format));
        const again = plans.flatMap((plan) => analyzePlans(plan.text));
        expect(comparable(again, true), `${name}, ${format}`).toEqual(comparable(plans, true));
        if (!AFTER_THE_ROOT.has(name))
          expect([...text, ...plans].map(imbalance), `${name}, ${format}`).toEqual(
            [...text, ...plans].map(() => BALANCED),
          );
      }
    }
  }, 120_000);

  it('writes plans into its log that are read like those it answers with', async () => {
    const query = `select * from t\nwhere b = 'two\n  ->  Seq Scan on evil' or id < 3\n\torder by b || ' "quoted", '`;
    await client.query(
      'create function counted() returns bigint language plpgsql as $$ begin return (select count(*) from small); end $$',
    );
    for (const prefix of ['%m [%p] ', '%t:%r:%u@%d:[%p]: ', '', '< %m > %q%a|']) {
      await server.run(`alter system set log_line_prefix = ${pg.escapeLiteral(prefix)}`);
      await server.run('select pg_reload_conf()');
      for (const format of ['text', ...STRUCTURED]) {
        const starts = LOG_FILES.map((file) => read(path.join(logDirectory, file)).length);
        const session = new pg.Client({ connectionString: server.url(DATABASE), application_name: 'plan test' });
        await session.connect();
        await session.query(
          `load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on;
           set auto_explain.log_nested_statements = on; set auto_explain.log_format = ${format};
           set enable_seqscan = off; set enable_indexscan = off`,
        );
        await session.query(query);
        await session.query('set enable_seqscan = on');
        await session.query('select counted()');
        await session.end();
        for (const [index, file] of LOG_FILES.entries()) {
          const plans = await waitForPlans(() => read(path.join(logDirectory, file)).slice(starts[index]), 3);
          const found = plans.map(({ queryText, nodes, executionMs }) => [
            queryText,
            nodes.map(({ nodeType }) => nodeType),
            executionMs !== undefined,
          ]);
          expect([found.length, found[0], found[2]], `${prefix} ${format} ${file}`).toEqual([
            3,
            [query, ['Sort', 'Bitmap Heap Scan', 'BitmapOr', 'Bitmap Index Scan', 'Bitmap Index Scan'], true],
            ['select counted()', ['Result'], true],
          ]);
        }
      }
    }
  }, 60_000);

  it.skipIf(major !== 15 || !existsSync(PSQL))(
    'is read through every frame that psql has',
    () => {
      const psql = path.join(server.binDirectory, 'psql');
      if (!existsSync(psql)) return;
      const run = (settings: string, format: string): Plan[] => {
        const input = `${settings}\nexplain (verbose, format ${format}) select t.b, '|+' as "QUERY" from t join u on u.t_id = t.id where t.b <> 'a "quoted" | thing +' and u.x < 3 order by u.y limit 5;\n`;
        const { stdout } = spawnSync(PSQL, [server.url(DATABASE), '-X', '-q', '-f', '-'], { input, encoding: 'utf8' });
        return analyzePlans(stdout);
      };
      const frames = ['ascii', 'old-ascii', 'unicode'].flatMap((style) =>
        [0, 1, 2].map((border) => `\\pset linestyle ${style}\n\\pset border ${border}`),
      );
      for (const format of ['text', ...STRUCTURED]) {
        const wanted = comparable(run('\\pset format unaligned\n\\pset tuples_only on', format), true);
        for (const expanded of ['off', 'on']) {
          const tables = frames.map((frame) => `\\x ${expanded}\n${frame}`);
          const wrapped = tables
            .filter((table) => !table.includes('old-ascii'))
            .map((table) => `${table}\n\\pset format wrapped\n\\pset columns 60`);
          const others = ['unaligned', 'csv', 'html'].map((other) => `\\x ${expanded}\n\\pset format ${other}`);
          for (const settings of [...tables, ...wrapped, ...others])
            expect(comparable(run(settings, format), true), `${format}: ${settings}`).toEqual(wanted);
        }
      }
    },
    60_000,
  );
});

/** 16 renamed a setting. */
function renamed(statement: PlanStatement): PlanStatement {
  const { force_parallel_mode: forced, ...others } = statement.settings ?? {};
  return forced === undefined ? statement : { ...statement, settings: { ...others, debug_parallel_query: forced } };
}

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** The collector writes a little later than the session ends. */
async function waitForPlans(source: () => string, count: number): Promise<Plan[]> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      const plans = analyzePlans(source());
      if (plans.length >= count) return plans;
    } catch {
      // Not written, or not to its end.
    }
    await sleep(50);
  }
  return analyzePlans(source());
}
