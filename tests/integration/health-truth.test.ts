import { readFile, writeFile } from 'node:fs/promises';

import { afterAll, beforeAll, expect, it } from 'vitest';

import type { HealthReport } from '#contract/health-model.ts';
import { runHealthReport } from '../../electron/services/health/index.ts';
import { loadShared, sharedDatabases, type SharedDatabase } from '../support/databases.ts';
import { PgCatalogReader } from '../support/pg-catalog-reader.ts';
import { type ServerMajor, type TestServer, startTestServer } from '../support/postgres-server.ts';
import { describeWithShared } from '../support/shared.ts';

/**
 * What a report says of databases that others made, against what was read and found to be true: each list of
 * `health-truth/` was gone through, that of `combined`, which has fifteen others in it, by samples; and three questions
 * are asked a second time in another way. What is true of any database of that server, such as its settings, is left
 * out: it is found in an empty one as well. A finding that is not in the list is a false one until somebody has read
 * it. `STEWARD_WRITE_TRUTH=1` writes the lists anew, to be read.
 */
type Truth = Readonly<Record<string, readonly string[]>>;

/** Of the whole server, or about the time of the run. */
const ofServer = new Set(['CFG20', 'SEC22']);
/** Small enough to be loaded on every major. */
const everywhere: readonly SharedDatabase[] = ['chinook', 'northwind', 'pagila'];

const fileOf = (name: string) => new URL(`health-truth/${name}.json`, import.meta.url);

async function truthOf(name: string): Promise<Truth> {
  return JSON.parse(await readFile(fileOf(name), 'utf8')) as Truth;
}

async function reportOn(server: TestServer, database: string): Promise<HealthReport> {
  await using reader = await PgCatalogReader.open(server.url(database));
  // As the app's own sessions have it: compiling a plan for a catalog takes longer than running it.
  await reader.rows(`select set_config('jit', 'off', false)`);
  return await runHealthReport([reader]);
}

const keysOf = (report: HealthReport) =>
  report.checks.flatMap((check) => check.findings.map(({ object }) => `${check.id} ${object}`));
const keysOfTruth = (truth: Truth) =>
  Object.entries(truth).flatMap(([check, objects]) => objects.map((object) => `${check} ${object}`));

interface Outcome {
  readonly name: string;
  readonly found: number;
  readonly wrong: readonly string[];
  readonly missed: readonly string[];
}

/** The same questions asked otherwise, as simply as can be: slow, and right on ordinary schemas. */
const secondOpinions: Readonly<Record<string, string>> = {
  SCH01: `
    select format('%I.%I', table_schema, table_name) as object
    from information_schema.tables as t
    where table_type = 'BASE TABLE'
      and table_schema not in ('pg_catalog', 'information_schema')
      and table_name not in ('schema_migrations', 'ar_internal_metadata')
      and format('%I.%I', table_schema, table_name)::regclass not in (select oid from pg_class where relispartition)
      and not exists (
        select from information_schema.table_constraints as c
        where (c.table_schema, c.table_name) = (t.table_schema, t.table_name) and c.constraint_type = 'PRIMARY KEY'
      )`,
  IDX07: `
    select distinct conrelid::regclass::text as object
    from pg_constraint as fk
    where contype = 'f'
      and not exists (
        select from pg_index as i
        where i.indrelid = fk.conrelid and i.indisvalid and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) ~ '^\\(\\w+ IS NOT NULL\\)$')
          and (select array_agg(k order by k) from unnest((i.indkey::int2[])[0:cardinality(fk.conkey) - 1]) as k)
            = (select array_agg(k order by k) from unnest(fk.conkey) as k)
          and (select amname from pg_class join pg_am on pg_am.oid = relam where pg_class.oid = i.indexrelid) in ('btree', 'hash')
      )`,
  SEQ04: `
    select format('%s.%I', fk.conrelid::regclass, own.attname) as object
    from pg_constraint as fk,
      unnest(fk.conkey, fk.confkey) as k (own, target)
    join pg_attribute as own on true
    join pg_attribute as target on true
    where contype = 'f'
      and own.attrelid = conrelid and own.attnum = k.own
      and target.attrelid = confrelid and target.attnum = k.target
      and own.atttypid in (21, 23) and target.atttypid in (20, 23) and own.atttypid <> target.atttypid`,
};

describeWithShared('what is said of real databases', () => {
  const outcomes: Outcome[] = [];

  afterAll(() => {
    const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
    const [found, wrong, missed] = [
      sum((one) => one.found),
      sum((one) => one.wrong.length),
      sum((one) => one.missed.length),
    ];
    const right = found - wrong;
    const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
    process.stdout.write(
      [
        '',
        'database             found  wrong  missed',
        ...outcomes.map(
          ({ name, found: all, wrong: bad, missed: lost }) =>
            `${name.padEnd(20)} ${String(all).padStart(5)}  ${String(bad.length).padStart(5)}  ${String(lost.length).padStart(6)}`,
        ),
        `precision ${percent(found === 0 ? 1 : right / found)}, recall ${percent(right + missed === 0 ? 1 : right / (right + missed))}`,
        '',
      ].join('\n'),
    );
  });

  const serverOf = (major: ServerMajor, names: readonly SharedDatabase[]) => {
    let server: TestServer;
    const ofEmpty = new Set<string>();

    beforeAll(async () => {
      server = await startTestServer({ major, settings: { autovacuum: 'off' } });
      await server.createDatabase('empty');
      for (const key of keysOf(await reportOn(server, 'empty'))) ofEmpty.add(key);
    });
    afterAll(async () => {
      await server.stop();
    });

    it.each(names.map((name) => [name] as const))(`%s on PostgreSQL ${major}`, async (name) => {
      await loadShared(server, name);
      await server.run('vacuum analyze', name);
      const report = await reportOn(server, name);
      expect(report.checks.filter(({ status }) => status === 'error')).toEqual([]);
      const found = keysOf(report).filter((key) => !ofEmpty.has(key) && !ofServer.has(key.slice(0, 5)));
      if (process.env['STEWARD_WRITE_TRUTH'] === '1' && major === 15) await writeTruth(name, found);
      const truth = keysOfTruth(await truthOf(name));
      const expected = new Set(truth);
      const seen = new Set(found);
      const outcome: Outcome = {
        name: `${name} (${major})`,
        found: found.length,
        wrong: found.filter((key) => !expected.has(key)),
        missed: truth.filter((key) => !seen.has(key)),
      };
      outcomes.push(outcome);
      for (const [check, sql] of Object.entries(major === 15 && name !== 'pagila' ? secondOpinions : {})) {
        const objects = report.checks.find(({ id }) => id === check)?.findings.map(({ object }) => object) ?? [];
        const other = await server.run(`set search_path = pg_catalog; ${sql}`, name);
        // A check lists two hundred findings at most.
        const second = new Set(other.map((row) => String(row['object'])));
        if (objects.length < 200)
          expect({ check, objects: objects.toSorted() }).toEqual({ check, objects: [...second].toSorted() });
        else expect(objects.filter((object) => !second.has(object))).toEqual([]);
      }
      expect({ wrong: outcome.wrong, missed: outcome.missed }).toEqual({ wrong: [], missed: [] });
    });
  };

  serverOf(15, sharedDatabases);
  serverOf(13, everywhere);
  serverOf(18, everywhere);
});

async function writeTruth(name: string, found: readonly string[]): Promise<void> {
  const truth: Record<string, string[]> = {};
  for (const key of found) (truth[key.slice(0, 5)] ??= []).push(key.slice(6));
  for (const objects of Object.values(truth)) objects.sort();
  await writeFile(fileOf(name), `${JSON.stringify(truth, null, 2)}\n`);
}
