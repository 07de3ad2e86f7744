import { readFile } from 'node:fs/promises';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HealthFinding, HealthReport } from '#contract/health-model.ts';
import { indexesChecks } from '../../electron/services/health/checks/indexes/index.ts';
import { ask, checkOf, createRoles, urlOf, type Role } from '../support/health-questions.ts';
import { startTestServer, type TestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

const defects = new URL('health-indexes.sql', import.meta.url);
const ids = indexesChecks.map((check) => check.id);
const database = 'indexes';

/** The tables of the test are small. */
const small = {
  'IDX01.minBytes': 100_000,
  'IDX01.minDays': 0,
  'IDX02.minBytes': 100_000,
  'IDX08.minWasteBytes': 100_000,
  'IDX09.minBytes': 100_000,
  'IDX10.minBytes': 100_000,
  'IDX11.minBytes': 100_000,
  'IDX16.minBytes': 100_000,
  'IDX17.minBytes': 500_000,
};
const longChild = '"Od""d"."Child öf sömething with a very löng näme that reaches the l"';

/** What each check finds in `health-indexes.sql`, whoever asks. */
const expected: Readonly<Record<string, readonly string[]>> = {
  IDX02: ['app.big_used', 'app.parted_half_used'],
  IDX03: [
    'app.booked_plain',
    'app.copies',
    'app.orders_expression_copy',
    'app.orders_placed_copy',
    'app.orders_placed_third',
    'app.target_two',
    'app.twice_unique_two',
    'app.wide_c2_copy',
    'kept.par1_extra',
    'kept.t_a_copy',
  ],
  IDX04: [
    'app.lines_order',
    'app.sparse_done',
    'app.wide_c2',
    'app.wide_c2_c3',
    'app.wide_c6_includes_c7',
    'kept.par_v',
    'kept.t_lower_one',
  ],
  IDX05: ['app.child_invalid_plain', 'app.twice_v'],
  IDX06: ['app.half_attachable', 'app.half_incomplete'],
  IDX07: [
    longChild,
    'app.child_bare',
    'app.child_brin',
    'app.child_expression',
    'app.child_gap',
    'app.child_half',
    'app.child_invalid',
    'app.child_is_null',
    'app.child_leaves',
    'app.child_other_collation',
    'app.child_partial',
    'app.child_twin',
    'app.child_two',
    'clash.o',
    'clash.o_p',
    'clash.worded',
    'clash.z',
  ],
  IDX12: ['app.documents_doc', 'app.documents_search', 'clash.tags_v'],
  IDX13: ['app.documents_at_kind'],
  IDX14: ['app.documents_needless', 'app.documents_needless_two'],
  IDX15: ['app.wide_c4_plain'],
  IDX16: ['app.coarse_grade'],
  IDX17: ['app.loaded', 'app.sparse'],
  IDX19: ['collation pg_catalog."de-x-icu"'],
};

/** What only those find who may read the tables, or scan them. */
const expectedOfReaders: Readonly<Record<string, readonly string[]>> = {
  IDX08: ['app.shrunk_pkey', 'app.shrunk_v'],
  IDX09: ['app.shrunk_pkey', 'app.shrunk_v'],
  IDX10: ['app.sparse_mostly_null', 'app.sparse_parent'],
  IDX11: ['app.sparse_done', 'app.sparse_flag', 'app.sparse_kind'],
  IDX18: ['app.found_words'],
};

describe.each([13, 15, 18] as const)('indexes with defects on PostgreSQL %i', (major) => {
  let server: TestServer;
  let report: HealthReport;

  const again = (only: readonly string[], role: Role = 'superuser'): Promise<HealthReport> =>
    ask(urlOf(server, role, database), only, small);
  /** One statement at a time: several in one message would be one transaction. */
  const run = async (sql = ''): Promise<void> => {
    for (const statement of sql.split(/(?<=;)\n/)) await server.run(statement, database);
  };

  beforeAll(async () => {
    server = await startTestServer({ major, settings: { autovacuum: 'off', synchronous_commit: 'off' } });
    await createRoles(server);
    await server.createDatabase(database);
    await server.run(await readFile(defects, 'utf8'), database);
    if (major >= 15) {
      await server.run(
        `create table app.distinct_nulls (id int);
         create unique index distinct_nulls_one on app.distinct_nulls (id);
         create unique index distinct_nulls_two on app.distinct_nulls (id) nulls not distinct`,
        database,
      );
    }
    if (major >= 18) {
      await server.run(
        'create table app.child_not_enforced (id int primary key, parent_id int references app.parent not enforced)',
        database,
      );
    }
    await server.run('create unique index concurrently twice_v on app.twice (v)', database).catch(() => {});
    // No build of an index without rows fails, so this one is made invalid by hand.
    await server.run(
      `create index child_invalid_plain on app.child_invalid (parent_id);
       update pg_index set indisvalid = false where indexrelid = 'app.child_invalid_plain'::regclass;
       update pg_collation set collversion = '1.2.3' where collname = 'de-x-icu'`,
      database,
    );
    await server.run('delete from app.shrunk where id % 10 <> 0', database);
    await server.run('vacuum app.shrunk', database);
    await server.run(
      `set enable_seqscan = off;
       select count(*) from app.big where w = 'x';
       select count(*) from app.big where w = 'y';
       select count(*) from app.parted_1 where w = 'x';
       do $$ begin for i in 1..120 loop
         perform count(*) from app.coarse where grade = 1;
         perform 1 from app.coarse where id = i;
       end loop; end $$`,
      database,
    );
    await server.run('analyze', database);
    const counted = `select pg_stat_get_numscans('app.coarse_grade'::regclass) >= 120 and pg_stat_get_live_tuples('app.coarse'::regclass) = 20000 as done`;
    await until(async () => (await server.run(counted, database))[0]?.['done'] === true);
    report = await again(ids);
  });

  afterAll(async () => {
    await server.stop();
  });

  it('no check fails, whoever asks, and every finding is whole', async () => {
    const reports = [report, await again(ids, 'monitor'), await again(ids, 'plain')];
    expect(reports.flatMap(({ checks }) => checks.filter(({ status }) => status === 'error'))).toEqual([]);
    const poor = reports.flatMap(({ checks }) =>
      checks.flatMap((check) =>
        check.findings.filter(
          (finding) =>
            !finding.message.endsWith('.') ||
            /undefined|NaN|\[object/.test(JSON.stringify(finding)) ||
            finding.evidence.some(({ label, value }) => label === '' || value === '') ||
            (finding.fixSql !== undefined && finding.lock === undefined),
        ),
      ),
    );
    expect(poor).toEqual([]);
  });

  it('T4, T5, T6, T7, T15: finds the defects and nothing that only looks like them, whoever asks', async () => {
    for (const role of ['superuser', 'monitor', 'plain'] as const)
      expect(objectsOf(role === 'superuser' ? report : await again(ids, role), Object.keys(expected))).toEqual(
        expected,
      );
  });

  it('T12: what rests on statistics of columns is found by readers, and unknown to others', async () => {
    expect(objectsOf(report, Object.keys(expectedOfReaders))).toEqual(expectedOfReaders);
    const bySchema = (role: Role): string =>
      ['"Od""d"', 'app'].map((schema) => `grant select on all tables in schema ${schema} to ${role};`).join('\n');
    const unlocks = async (role: Role): Promise<Record<string, string | undefined>> => {
      const { checks } = await again(Object.keys(expectedOfReaders), role);
      return Object.fromEntries(
        checks.map(({ id, status, unlockSql }) => [
          id,
          `${status} ${unlockSql?.split('\n').toSorted().join('\n') ?? ''}`,
        ]),
      );
    };
    expect(await unlocks('monitor')).toEqual({
      IDX08: `skipped ${bySchema('monitor')}`,
      IDX09: 'finding ',
      IDX10: `skipped ${bySchema('monitor')}`,
      IDX11: `skipped ${bySchema('monitor')}`,
      IDX18: 'finding ',
    });
    expect(await unlocks('plain')).toEqual({
      IDX08: `skipped ${bySchema('plain')}`,
      IDX09: 'skipped grant pg_stat_scan_tables to plain;',
      IDX10: `skipped ${bySchema('plain')}`,
      IDX11: `skipped ${bySchema('plain')}`,
      IDX18: 'skipped grant pg_stat_scan_tables to plain;',
    });
  });

  it('T2, T3: unused are those without any other work; young statistics are said to be young', () => {
    const check = checkOf(report, 'IDX01');
    expect(check.findings.map(({ object }) => object).toSorted()).toEqual([
      '"Od""d"."Ün""used index"',
      'app.big_on_standby',
      'app.big_unused',
      'app.found_at_once_words',
      'app.found_words',
      'app.parted_unused',
      'app.shrunk_v',
      'app.sparse_done_id',
      'app.sparse_half',
      'app.sparse_never_null',
    ]);
    expect(check.reason).toMatch(/^Statistics cover .*; unused takes 30 days\. The 10 largest of \d+ indexes/);
    expect(new Set(check.findings.map(({ confidence }) => confidence))).toEqual(new Set(['low']));
  });

  it('T1: an index that a standby uses is not unused', async () => {
    const oid = Number(
      (await server.run("select 'app.big_on_standby'::regclass::oid::int8 as oid", database))[0]?.['oid'],
    );
    const asked = await ask(urlOf(server, 'superuser', database), ['IDX01'], small, {
      standbys: { standbyScans: new Map([[oid, 7]]), standbysAsked: ['replica'] },
    });
    const objects = checkOf(asked, 'IDX01').findings.map(({ object }) => object);
    expect([objects.includes('app.big_on_standby'), objects.includes('app.big_unused')]).toEqual([false, true]);
    expect(findingOf(asked, 'IDX01', 'app.big_unused').message).toContain(', nor on replica (0 scans');
  });

  it('T26: duplicates and beginnings name both indexes and say which is which', () => {
    expect([
      findingOf(report, 'IDX03', 'app.orders_placed_copy').message,
      findingOf(report, 'IDX04', 'app.lines_order').message,
      findingOf(report, 'IDX15', 'app.wide_c4_plain').message,
    ]).toEqual([
      'Index app.orders_placed_copy (8 kB) has the same columns, order and predicate as app.o.',
      'Index app.lines_order (8 kB) is the beginning of app.lines_key, which can answer the same searches.',
      'Index app.wide_c4_plain (8 kB) has the same columns as the unique index app.wide_c4.',
    ]);
  });

  it('T18: an index that is being built is left alone', async () => {
    await using writer = new Session(server);
    await writer.run('begin; insert into app.word values (md5(random()::text))');
    const build = server.run('create index concurrently word_being_built on app.word (w, (w || w))', database);
    await until(
      async () =>
        (
          await server.run(
            "select from pg_index where indexrelid = to_regclass('app.word_being_built') and not indisvalid",
            database,
          )
        ).length === 1,
    );
    for (const role of ['superuser', 'plain'] as const)
      expect(objectsOf(await again(['IDX05'], role), ['IDX05'])).toEqual({ IDX05: expected['IDX05'] });
    await writer.run('rollback');
    await build;
    await server.run('drop index app.word_being_built', database);
  });

  it('T25: no index is proposed that exists, and an invalid one is rebuilt', () => {
    expect(
      ['app.child_invalid', 'app.child_two', 'app.child_twin', longChild].map(
        (table) => findingOf(report, 'IDX07', table).fixSql,
      ),
    ).toEqual([
      'reindex index concurrently app.child_invalid_plain;',
      'create index concurrently child_two_one_idx1 on app.child_two (one);\ncreate index concurrently child_two_two_idx on app.child_two (two);',
      'create index concurrently child_twin_p_idx on app.child_twin (p);',
      `create index concurrently "Child öf sömething with a very löng näme that reaches t_idx" on ${longChild} ("Pärent of this row, spelled out");`,
    ]);
  });

  it('T18: a foreign key whose index is being built has one', async () => {
    const ofWord = async (role: Role): Promise<boolean> =>
      checkOf(await again(['IDX07'], role), 'IDX07').findings.some(({ object }) => object === 'clash.z');
    expect(await ofWord('superuser')).toBe(true);
    await using writer = new Session(server);
    await writer.run('begin; insert into clash.z values (null)');
    const build = server.run('create index concurrently z_coming on clash.z (y)', database);
    await until(
      async () =>
        (
          await server.run(
            "select from pg_index where indexrelid = to_regclass('clash.z_coming') and not indisvalid",
            database,
          )
        ).length === 1,
    );
    expect([await ofWord('superuser'), await ofWord('plain')]).toEqual([false, false]);
    await writer.run('rollback');
    await build;
    await server.run('drop index clash.z_coming', database);
  });

  it('T18: a foreign key of a table that is being indexed under a lock waits for the next report', async () => {
    await using builder = new Session(server);
    await server.run('insert into clash.parent values (1); insert into clash.o_p values (1)', database);
    await server.run(
      'create function clash.slow(int) returns int immutable language plpgsql as $$ begin perform pg_sleep(60); return $1; end $$',
      database,
    );
    const build = builder.run('create index o_p_slow on clash.o_p (q, clash.slow(q))').catch(() => {});
    const running = `select pid from pg_stat_progress_create_index where relid = 'clash.o_p'::regclass and phase like 'building%'`;
    await until(async () => (await server.run(running, database)).length === 1);
    const found = async (role: Role): Promise<boolean> =>
      checkOf(await again(['IDX07'], role), 'IDX07').findings.some(({ object }) => object === 'clash.o_p');
    expect([await found('superuser'), await found('plain')]).toEqual([false, false]);
    await server.run(`select pg_cancel_backend(pid) from (${running}) as building`, database);
    await build;
    expect([await found('superuser'), await found('plain')]).toEqual([true, true]);
  });

  it('proposes no name that another relation of the schema has, or another finding', async () => {
    expect(
      ['clash.z', 'clash.o', 'clash.o_p'].map((table) => findingOf(report, 'IDX07', table).fixSql).toSorted(),
    ).toEqual([
      'create index concurrently o_p_q_idx on clash.o (p_q);',
      'create index concurrently o_p_q_idx1 on clash.o_p (q);',
      'create index concurrently z_y_idx1 on clash.z (y);',
    ]);
    expect(findingOf(report, 'IDX12', 'clash.tags_v').fixSql).toBe(
      'create index concurrently tags_v_gin1 on clash.tags using gin (v);',
    );
  });

  it('reads names that the server quotes all the same', async () => {
    await server.run(`alter database ${database} set quote_all_identifiers = on`);
    const found = checkOf(await again(['IDX07']), 'IDX07').findings.find(({ object }) => /worded/.test(object));
    await server.run(`alter database ${database} reset quote_all_identifiers`);
    expect(found?.message).toMatch(/^Foreign key "?worded_r_fkey"? /);
  });

  it('undo brings back what a definition leaves out, and the indexes of partitions by name', async () => {
    const shape = `
      select index_class.oid::regclass::text as name, pg_get_indexdef(index_class.oid) as definition,
        obj_description(index_class.oid, 'pg_class') as comment, ind.indisvalid as valid,
        (select inhparent::regclass::text from pg_inherits where inhrelid = index_class.oid) as parent,
        (select string_agg(attstattarget::text, ',') from pg_attribute where attrelid = index_class.oid and attstattarget >= 0) as targets
      from pg_index as ind join pg_class as index_class on index_class.oid = ind.indexrelid
      where index_class.relnamespace = 'kept'::regnamespace order by 1`;
    const before = await server.run(shape, database);
    const undo: string[] = [];
    for (const [id, object] of [
      ['IDX03', 'kept.t_a_copy'],
      ['IDX04', 'kept.t_lower_one'],
      ['IDX04', 'kept.par_v'],
    ] as const) {
      const { fixSql, undoSql } = findingOf(report, id, object);
      await run(fixSql);
      undo.push(undoSql ?? '');
    }
    expect(await server.run(shape, database)).toHaveLength(before.length - 6);
    for (const sql of undo) await run(sql);
    expect(await server.run(shape, database)).toEqual(before);
  });

  it.runIf(major >= 18)('judges temporal keys, and NOT NULL that is not validated, as 18 has them', async () => {
    await server.run(
      `create extension if not exists btree_gist;
       create table clash.room (id int, valid daterange, primary key (id, valid without overlaps));
       create table clash.stay (prid int, period daterange, foreign key (prid, period period) references clash.room);
       create table clash.stay_bare (prid int, period daterange, foreign key (prid, period period) references clash.room);
       create index stay_gist on clash.stay using gist (prid, period);
       create table clash.nulls (a int, b int not null);
       insert into clash.nulls values (null, 1);
       alter table clash.nulls add constraint a_later not null a not valid;
       create index nulls_a on clash.nulls (a) where a is not null;
       create index nulls_b on clash.nulls (b) where b is not null`,
      database,
    );
    const found = await again(['IDX07', 'IDX14']);
    const objects = objectsOf(found, ['IDX07', 'IDX14']);
    expect(
      [objects['IDX07'], objects['IDX14']].map((list) =>
        Array.isArray(list) ? list.filter((name) => /stay|nulls/.test(String(name))) : list,
      ),
    ).toEqual([['clash.stay_bare'], ['clash.nulls_b']]);
    expect(findingOf(found, 'IDX07', 'clash.stay_bare').fixSql).toBeUndefined();
    await server.run(
      'drop table clash.stay, clash.stay_bare, clash.room, clash.nulls; drop extension btree_gist',
      database,
    );
  });

  it('T28, T29: fixes run as they stand, the finding is gone, and undo brings it back', async () => {
    // In this order: what one fix drops, no other one needs.
    const fixed = [
      'IDX05',
      'IDX07',
      'IDX03',
      'IDX15',
      'IDX04',
      'IDX06',
      'IDX08',
      'IDX10',
      'IDX12',
      'IDX14',
      'IDX18',
      'IDX01',
      'IDX19',
    ];
    const undo: string[] = [];
    await server.run('delete from app.twice where ctid = (select min(ctid) from app.twice)', database);
    for (const id of fixed) {
      const before = await again([id]);
      for (const { fixSql, undoSql } of checkOf(before, id).findings) {
        await run(fixSql);
        if (undoSql !== undefined) undo.unshift(undoSql);
      }
    }
    const after = await again(ids);
    // The next ten unused ones follow.
    const rest = fixed.filter((id) => id !== 'IDX01');
    expect(objectsOf(after, rest)).toEqual(
      Object.fromEntries(rest.map((id) => [id, checkOf(after, id).status === 'ok' ? 'ok' : []])),
    );
    const gone = new Set(checkOf(report, 'IDX01').findings.map(({ object }) => object));
    expect(checkOf(after, 'IDX01').findings.filter(({ object }) => gone.has(object))).toEqual([]);
    for (const sql of undo) await run(sql);
    const back = ['IDX03', 'IDX15', 'IDX07', 'IDX14', 'IDX10'];
    await server.run('analyze app.sparse', database);
    const undone = await again(back);
    expect(objectsOf(undone, ['IDX03', 'IDX15', 'IDX14', 'IDX10'])).toEqual({
      IDX03: expected['IDX03'],
      IDX15: expected['IDX15'],
      IDX14: expected['IDX14'],
      IDX10: expectedOfReaders['IDX10'],
    });
    // What a fix of IDX05 or IDX06 has mended stays mended.
    expect(objectsOf(undone, ['IDX07'])).toEqual({
      IDX07: expected['IDX07']?.filter((table) => table !== 'app.child_invalid'),
    });
  });
});

/** The objects that the checks found, sorted; a check without findings answers with its status. */
function objectsOf(report: HealthReport, checks: readonly string[]): Record<string, readonly string[] | string> {
  return Object.fromEntries(
    checks.map((id) => {
      const check = checkOf(report, id);
      return [id, check.status === 'finding' ? check.findings.map(({ object }) => object).toSorted() : check.status];
    }),
  );
}

function findingOf(report: HealthReport, id: string, object: string): HealthFinding {
  const finding = checkOf(report, id).findings.find((candidate) => candidate.object === object);
  if (finding === undefined) throw new Error(`${id} has nothing about ${object}`);
  return finding;
}

/** A session that stays open between statements. */
class Session implements AsyncDisposable {
  readonly #client: pg.Client;
  readonly #connected: Promise<unknown>;

  constructor(server: TestServer) {
    this.#client = new pg.Client({ connectionString: server.url(database) });
    this.#connected = this.#client.connect();
  }

  async run(sql: string): Promise<void> {
    await this.#connected;
    await this.#client.query(sql);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
  }
}
