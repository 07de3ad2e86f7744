import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HealthFinding } from '#contract/health-model.ts';
import { ask, checkOf } from '../support/health-questions.ts';
import { startTestServer, type ServerMajor, type TestServer } from '../support/postgres-server.ts';

const majors: readonly ServerMajor[] = [13, 15, 18];

/** A fix must do no harm: what works before it works after it, its finding is gone, and its way back leads all the way. */
describe.each(majors)('fixes and what comes after them on PostgreSQL %i', (major) => {
  let server: TestServer;
  let databases = 0;

  beforeAll(async () => {
    server = await startTestServer({ major, settings: { wal_level: 'logical' } });
  });
  afterAll(async () => {
    await server.stop();
  });

  /** A database of its own for each test. */
  async function databaseWith(sql: string) {
    databases += 1;
    const name = `db${String(databases)}`;
    await server.createDatabase(name);
    const run = async (text: string) => {
      let rows: Record<string, unknown>[] = [];
      for (const statement of text.split(/(?<=;)\n/)) rows = await server.run(statement, name);
      return rows;
    };
    await run(sql);
    const findings = async (check: string, set: Readonly<Record<string, number>> = {}): Promise<HealthFinding[]> => {
      const asked = checkOf(await ask(server.url(name), [check], set), check);
      expect(asked.status, asked.reason).not.toBe('error');
      return [...asked.findings];
    };
    const one = async (check: string, object: string): Promise<HealthFinding> => {
      const all = await findings(check);
      const found = all.find((finding) => finding.object === object);
      if (found === undefined)
        throw new Error(`${check} has nothing about ${object}: ${all.map((finding) => finding.object).join(', ')}`);
      return found;
    };
    return { name, run, findings, one };
  }

  describe('SEC29: extensions in public', () => {
    it('are not moved by one click where queries name their operators and types, or call their functions', async () => {
      const { run, findings } = await databaseWith(
        `create extension hstore;
         create extension citext;
         create extension pgcrypto;
         create function hashed(v text) returns text language sql as $$ select encode(digest(v, 'sha256'), 'hex') $$;
         create extension pgrowlocks;
         create view locks as select * from pgrowlocks('pg_class');
         create extension pgstattuple`,
      );
      const found = await findings('SEC29');
      expect(found.map(({ object, fixSql }) => [object, fixSql !== undefined])).toEqual([
        ['extension citext', false],
        ['extension hstore', false],
        ['extension pgcrypto', false],
        ['extension pgrowlocks', false],
        ['extension pgstattuple', true],
      ]);
      expect(found.every(({ caution = '' }) => caution.includes('search_path'))).toBe(true);
      expect(found[1]?.caution).toContain('operators and types');
      expect(found[2]?.caution).toContain('public.hashed()');
      await run('drop view locks');
      expect((await findings('SEC29'))[3]?.fixSql).toBeDefined();
    });

    it('are reachable by everybody after the fix, and the way back takes all away that it made', async () => {
      const { name, run, findings } = await databaseWith(
        `create extension pgstattuple;
         create extension pgrowlocks`,
      );
      const schemas = `select nspname, nspacl::text from pg_namespace where nspname !~ '^pg_' order by 1`;
      const before = await run(schemas);
      const found = await findings('SEC29');
      for (const { fixSql } of found) await run(fixSql ?? '');
      expect(await findings('SEC29')).toEqual([]);
      await server.run(`create role visitor_${name}`);
      expect(
        await run(
          `select has_schema_privilege('visitor_${name}', 'extensions', 'usage') as may, to_regproc('extensions.pgstattuple') is not null as moved`,
        ),
      ).toEqual([{ may: true, moved: false }]);
      // In either order: the schema goes with the last.
      for (const { undoSql } of found) await run(undoSql ?? '');
      expect(await run(schemas)).toEqual(before);
      expect((await findings('SEC29')).map(({ object }) => object)).toEqual(found.map(({ object }) => object));

      await run('create schema extensions');
      const kept = await run(schemas);
      const [closed] = await findings('SEC29');
      expect([closed?.fixSql, closed?.caution]).toEqual([
        undefined,
        expect.stringContaining('not everybody may use it'),
      ]);
      await run('grant usage on schema extensions to public');
      const [open] = await findings('SEC29');
      await run(open?.fixSql ?? '');
      await run(open?.undoSql ?? '');
      await run('revoke usage on schema extensions from public');
      expect((await run(schemas)).map(({ nspname }) => nspname)).toEqual(kept.map(({ nspname }) => nspname));
      await server.run(`drop role visitor_${name}`);
    });
  });

  it('SCH22: another key that holds, and an optional value at the end, are no gap', async () => {
    const { findings } = await databaseWith(
      `create table by_part (id int primary key, a int not null unique, b int, unique (b, a));
       create table optional_value (id int primary key, tenant_id int not null, external_id text, unique (tenant_id, external_id));
       create table live_rows (id int primary key, email text not null, deleted_at timestamptz, unique (email, deleted_at));
       create table tree (id int primary key, name text not null, parent_id int references tree, unique (name, parent_id));
       create table loose (id int primary key, a int, b int not null, unique (a, b));
       ${
         major >= 15
           ? `create table t (id int primary key, a int, b int, unique nulls not distinct (a, b));
       create unique index t_plain on t (a, b);
       create table t_part (id int primary key, a int, b int, c int, unique nulls not distinct (a), unique (c, a, b));`
           : ''
       }`,
    );
    expect((await findings('SCH22')).map(({ object }) => object)).toEqual([
      'public.live_rows',
      'public.loose',
      'public.tree',
    ]);
  });

  it('SCH23: says what happens to inserts where the column is NOT NULL', async () => {
    const { run, one } = await databaseWith(
      `create table t (id int primary key, v text not null default 'NULL', w text default 'NULL');
       create domain filled as text not null;
       create table d (id int primary key, v filled default 'NULL')`,
    );
    expect((await one('SCH23', 'public.t.w')).caution).not.toContain('NOT NULL');
    expect((await one('SCH23', 'public.d.v')).caution).toContain('NOT NULL');
    const { fixSql = '', undoSql = '', caution } = await one('SCH23', 'public.t.v');
    expect(caution).toContain('inserts that leave it out fail');
    await run(fixSql);
    await expect(run('insert into t (id) values (1)')).rejects.toThrow('null value in column "v"');
    await run(undoSql);
    await run('insert into t (id) values (1)');
  });

  describe('SCH32: circles of foreign keys', () => {
    const table = (name: string, columns: readonly string[]) =>
      `create table ${name} (id int primary key${columns.map((column) => `, ${column} int not null`).join('')});`;
    const key = (from: string, to: string) =>
      `alter table ${from} add constraint "${from} > ${to}" foreign key (${to}) references ${to};`;

    it('that share keys or tables are opened by one fix', async () => {
      const { name, run, findings } = await databaseWith(
        [
          // Two circles over hub → a, and a third one through a table of both.
          table('hub', ['a']),
          table('a', ['b', 'c']),
          table('b', ['hub']),
          table('c', ['hub']),
          // A star of three circles of two.
          table('concept', ['domain', 'vocabulary', 'class']),
          table('domain', ['concept']),
          table('vocabulary', ['concept']),
          table('class', ['concept']),
          ...[
            ['hub', 'a'],
            ['a', 'b'],
            ['a', 'c'],
            ['b', 'hub'],
            ['c', 'hub'],
            ['concept', 'domain'],
            ['concept', 'vocabulary'],
            ['concept', 'class'],
            ['domain', 'concept'],
            ['vocabulary', 'concept'],
            ['class', 'concept'],
          ].map(([from = '', to = '']) => key(from, to)),
          'alter table hub add constraint twin foreign key (a) references a on delete cascade;',
        ].join('\n'),
      );
      const found = await findings('SCH32');
      expect(found.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
      const fixes = found.map(({ fixSql = '' }) => fixSql.split('\n').length).toSorted();
      // Both keys from hub to a, and one for each of the three circles.
      expect(fixes).toEqual([2, 3]);
      for (const { fixSql = '' } of found) await run(fixSql);
      expect(await findings('SCH32')).toEqual([]);
      await server.run(
        `begin; set constraints all deferred;
         insert into hub values (1, 1); insert into b values (1, 1); insert into c values (1, 1); insert into a values (1, 1, 1);
         insert into concept values (1, 1, 1, 1);
         insert into domain values (1, 1); insert into vocabulary values (1, 1); insert into class values (1, 1);
         commit`,
        name,
      );
      for (const { undoSql = '' } of found) await run(undoSql);
      expect((await findings('SCH32')).map(({ message, fixSql }) => [message, fixSql])).toEqual(
        found.map(({ message, fixSql }) => [message, fixSql]),
      );
    });
  });

  describe('SCH33: implied foreign keys', () => {
    it('have no fix that is bound to fail, and say that types differ', async () => {
      const { one } = await databaseWith(
        `create table product (id int primary key);
         create table review (id int primary key, product_id int not null);
         insert into review select i, i from generate_series(1, 10) i;
         create table media_assets (id bigint primary key);
         create table ai_tags (media_asset_id int not null, tag text);
         create table shelf (id int primary key);
         create table book (id int primary key, shelf_id int);
         insert into shelf values (1);
         insert into book values (1, 1);
         analyze`,
      );
      const review = await one('SCH33', 'public.review');
      expect([review.fixSql, review.undoSql]).toEqual([undefined, undefined]);
      expect(review.caution).toContain('no rows');
      expect((await one('SCH33', 'public.ai_tags')).caution).toContain('media_asset_id is integer, its target bigint');
      const book = await one('SCH33', 'public.book');
      expect(book.fixSql).toContain('validate constraint');
      expect(book.caution).not.toContain('its target');
    });

    it('to one table are told once where many tables have them', async () => {
      const tables = Array.from({ length: 40 }, (_, at) => at + 1);
      const { findings } = await databaseWith(
        [
          'create table account (id int primary key);\ncreate table owner (id int primary key);',
          ...tables.map(
            (at) =>
              `create table t${String(at)} (id int primary key, account_id int${at < 3 ? ', owner_id int' : ''});`,
          ),
        ].join('\n'),
      );
      const found = await findings('SCH33');
      expect(found.map(({ object }) => object)).toEqual([
        'public.t1',
        'public.t2',
        'schema public: references to public.account',
      ]);
      expect(found[0]?.message).toContain('Column owner_id');
      expect(found[2]?.message).toBe(
        '40 tables of schema public have columns that look like references to public.account, and no foreign key says so.',
      );
      expect(found[2]?.measure).toBe(40);
      expect((await findings('SCH33', { 'SCH33.listedTables': 40 })).length).toBe(40);
    });
  });

  it('SCH40: two lists of which neither contains the other are two lists', async () => {
    const { findings } = await databaseWith(
      `create table issue (id int primary key, state text check (state in ('open', 'closed', 'draft')));
       create table request (id int primary key, state text check (state in ('open', 'closed', 'merged')));
       create table sale (id int primary key, step text check (step in ('new', 'paid', 'shipped', 'cancelled')));
       create table invoice (id int primary key, step text check (step in ('new', 'paid', 'overdue', 'cancelled')));
       create table ticket (id int primary key, level text check (level in ('low', 'mid', 'high')));
       create table alert (id int primary key, level text check (level in ('low', 'mid', 'high', 'max')));
       create table alarm (id int primary key, level text check (level in ('low', 'mid')))`,
    );
    expect((await findings('SCH40')).map(({ message }) => message)).toEqual([
      "The lists of values of column level lack values that public.alert has: public.alarm lacks 'high', 'max'; public.ticket lacks 'max'.",
    ]);
  });

  it('SCH01, SCH36: chunks of a hypertable are its own affair, and other heirs are told with their parent', async () => {
    const { findings, one } = await databaseWith(
      `create schema _timescaledb_internal;
       create table conditions (at timestamptz not null, v int);
       create table _timescaledb_internal.chunk_1 () inherits (conditions);
       create table _timescaledb_internal.chunk_2 () inherits (conditions);
       create table animal (id int primary key);
       create table dog () inherits (animal);
       create table cat () inherits (animal);
       create table lion () inherits (cat);
       create table plant (id int);
       create table tree () inherits (plant)`,
    );
    expect((await findings('SCH01')).map(({ object }) => object).toSorted()).toEqual([
      'public.animal',
      'public.conditions',
      'public.plant',
    ]);
    expect((await one('SCH01', 'public.animal')).message).toBe(
      '3 tables that inherit from public.animal have no primary key; they do not inherit its own.',
    );
    expect((await one('SCH01', 'public.plant')).message).toBe(
      'Table public.plant and 1 table that inherits from it have no primary key.',
    );
    expect((await findings('SCH36')).map(({ object }) => object)).toEqual([
      'public.animal',
      'public.cat',
      'public.plant',
    ]);
  });

  it('CON10: sets for the whole database only what harms no build and no migration', async () => {
    const { name, run, one } = await databaseWith('select 1');
    for (const setting of ['lock_timeout', 'statement_timeout']) {
      const { fixSql, undoSql, caution } = await one('CON10', setting);
      expect([setting, fixSql, undoSql]).toEqual([setting, undefined, undefined]);
      expect(caution).toContain(`ALTER ROLE … SET ${setting}`);
    }
    const { fixSql = '', undoSql = '' } = await one('CON10', 'idle_in_transaction_session_timeout');
    expect(fixSql).toBe(`alter database ${name} set idle_in_transaction_session_timeout = '5min';`);
    await run(fixSql);
    await expect(one('CON10', 'idle_in_transaction_session_timeout')).rejects.toThrow('nothing about');
    await run(undoSql);
  });

  it('SEC22: whoever could log in can after the fix, and the rights are the same after the way back', async () => {
    const { name, run, one } = await databaseWith('select 1');
    await server.run(
      `create role staff_${name}; create role "App ""1"" ${name}" login; create role member_${name} login; create role named_${name} login;
       create role boss_${name} login superuser; grant staff_${name} to member_${name};
       grant connect on database ${name} to staff_${name}, named_${name}`,
    );
    const roles = `select rolname,
        has_database_privilege(rolname, '${name}', 'connect') as connects,
        has_database_privilege(rolname, '${name}', 'temporary') as makes_temporary
      from pg_roles where rolcanlogin order by 1`;
    const rights = `select array_agg(item::text order by item::text) from pg_database, unnest(datacl) as item where datname = '${name}'`;
    const [before, rightsBefore] = [await run(roles), await run(rights)];
    const { fixSql = '', undoSql = '' } = await one('SEC22', `database ${name}`);
    await run(fixSql);
    expect(await run(roles)).toEqual(before);
    await server.run(`create role late_${name} login`);
    expect(await run(`select has_database_privilege('late_${name}', '${name}', 'connect') as may`)).toEqual([
      { may: false },
    ]);
    await server.run(`drop role late_${name}`);
    await expect(one('SEC22', `database ${name}`)).rejects.toThrow('nothing about');
    await run(undoSql);
    expect(await run(rights)).toEqual(rightsBefore);
    await server.run(
      `drop owned by staff_${name}, named_${name}; drop role "App ""1"" ${name}", member_${name}, boss_${name};
       revoke connect on database ${name} from staff_${name}, named_${name}; drop role staff_${name}, named_${name}`,
    );
  });

  it('SEC35: a superuser that owns tables everywhere is one finding', async () => {
    const { findings } = await databaseWith(
      `create schema one; create schema two;
       create table one.a (id int primary key); create table one.b (id int primary key); create table two.c (id int primary key);
       create role plain_owner; alter table one.b owner to plain_owner`,
    );
    expect((await findings('SEC35')).map(({ object, message }) => [object, message])).toEqual([
      ['role steward_test', '2 of 3 tables and views, in schemas one and two, belong to the superuser steward_test.'],
    ]);
    await server.run('drop owned by plain_owner', `db${String(databases)}`);
    await server.run('drop role plain_owner');
  });

  it('TAB16: an empty table has nothing to lose, and some hold what may be lost', async () => {
    const { findings } = await databaseWith(
      `create unlogged table empty (id int primary key);
       create unlogged table orders (id int primary key);
       create unlogged table rate_limits (id int primary key);
       create unlogged table hits (id int primary key);
       comment on table hits is 'unlogged on purpose: counted anew every hour';
       insert into orders values (1);
       insert into rate_limits values (1);
       insert into hits values (1)`,
    );
    expect((await findings('TAB16')).map(({ severity, object }) => `${severity}: ${object}`).toSorted()).toEqual([
      'info: public.empty',
      'info: public.hits',
      'info: public.rate_limits',
      'warning: public.orders',
    ]);
  });

  it('REP15: takes a unique index that can identify rows before it takes whole rows', async () => {
    const { run, findings } = await databaseWith(
      `create table by_index (a int not null, b int not null, c int);
       create unique index "wide ""i""" on by_index (a, b);
       create unique index by_index_c on by_index (c);
       create unique index by_index_part on by_index (a) where c > 0;
       create unique index by_index_expression on by_index ((a + 1));
       create table deferred (a int not null unique deferrable);
       create table nothing (id int primary key);
       alter table nothing replica identity nothing;
       create table parted (a int not null, b int) partition by list (a);
       create table parted_1 partition of parted for values in (1);
       create unique index parted_1_a on parted_1 (a);
       create table parted_2 partition of parted for values in (2);
       create publication changes for all tables;
       insert into by_index values (1, 1, 1);
       insert into nothing values (1)`,
    );
    const found = await findings('REP15');
    const fixes = Object.fromEntries(found.map(({ object, fixSql }) => [object, fixSql]));
    expect(fixes).toEqual({
      'public.by_index': 'alter table public.by_index replica identity using index "wide ""i""";',
      'public.deferred': 'alter table public.deferred replica identity full;',
      'public.nothing': 'alter table public.nothing replica identity default;',
      'public.parted_1': 'alter table public.parted_1 replica identity using index parted_1_a;',
      'public.parted_2': 'alter table public.parted_2 replica identity full;',
    });
    expect(found.find(({ object }) => object === 'public.by_index')?.caution).not.toContain('FULL');
    await expect(run('update by_index set c = 2')).rejects.toThrow('cannot update table');
    for (const { fixSql = '' } of found) await run(fixSql);
    expect(await findings('REP15')).toEqual([]);
    await run('update by_index set c = 2');
    await run('update nothing set id = 2');
    for (const { undoSql = '' } of found.toReversed()) await run(undoSql);
    expect(await findings('REP15')).toEqual(found);
    await run('drop publication changes');
  });

  it.runIf(major >= 15)(
    'REP15: a row filter that the index does not cover still needs whole rows (15 and later have them)',
    async () => {
      const { run, findings } = await databaseWith(
        `create table filtered (a int not null unique, st text);
       create publication filtering for table filtered where (st = 'x');
       insert into filtered values (1, 'x')`,
      );
      const [found] = await findings('REP15');
      expect(found?.fixSql).toBe('alter table public.filtered replica identity full;');
      await run(found?.fixSql ?? '');
      await run(`update filtered set st = 'y'`);
      expect(await findings('REP15')).toEqual([]);
      await run('drop publication filtering');
    },
  );
});
