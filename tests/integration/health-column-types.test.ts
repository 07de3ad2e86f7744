import { mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HealthFinding } from '#contract/health-model.ts';
import { builtInDump } from '../../electron/postgres/built-in-dump/index.ts';
import { answers, ask, checkOf } from '../support/health-questions.ts';
import { startTestServer, type ServerMajor, type TestServer } from '../support/postgres-server.ts';

const majors: readonly ServerMajor[] = [13, 15, 18];

describe.each(majors)('changes of a column’s type on PostgreSQL %i', (major) => {
  let server: TestServer;
  let folder: string;
  let dumps = 0;

  beforeAll(async () => {
    server = await startTestServer({ major, settings: { wal_level: 'logical' } });
    folder = await mkdtemp('/tmp/steward-dump-');
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function database(name: string, sql: string): Promise<void> {
    await server.createDatabase(name);
    await server.run(sql, name);
  }

  /** What a dump of the database says, without the token that is another in each. */
  async function dumpOf(name: string): Promise<string> {
    dumps += 1;
    const file = path.join(folder, `${String(dumps)}.sql`);
    const client = new pg.Client({ connectionString: server.url(name) });
    client.on('error', () => {});
    await client.connect();
    await builtInDump(client, `${String(major)}.0`, { schemaOnly: false, file, signal: new AbortController().signal });
    await client.end();
    return (await readFile(file, 'utf8')).replaceAll(/^\\(?:un)?restrict .*$/gm, '');
  }

  async function found(name: string, id: string): Promise<Map<string, HealthFinding>> {
    const check = checkOf(await ask(server.url(name), [id], { [`${id}.listedTables`]: 100 }), id);
    expect({ id, status: check.status, reason: check.reason }).not.toMatchObject({ status: 'error' });
    return new Map(check.findings.map((finding) => [finding.object, finding]));
  }

  /** Runs every fix of the check, sees its finding gone, and the dump as before after the ways back. */
  async function fixAndUndo(name: string, id: string): Promise<string[]> {
    const before = await dumpOf(name);
    const fixable = [...(await found(name, id)).values()].filter(({ fixSql }) => fixSql !== undefined);
    for (const { fixSql } of fixable) await server.run(fixSql ?? '', name);
    const after = await found(name, id);
    expect(fixable.filter(({ object }) => after.has(object))).toEqual([]);
    for (const { undoSql } of fixable.toReversed()) await server.run(undoSql ?? '', name);
    expect(await dumpOf(name)).toBe(before);
    return fixable.map(({ object }) => object.replace(/^public\./, '')).toSorted();
  }

  /** No fix, and the names that its caution gives, by object. */
  function held(findings: ReadonlyMap<string, HealthFinding>): Record<string, string> {
    return Object.fromEntries(
      [...findings].map(([object, { fixSql, caution }]) => [
        object.replace(/^public\./, ''),
        fixSql ??
          /^There is no fix while these depend on the type: (.*?)\.(?: |$)/.exec(caution ?? '')?.[1] ??
          caution ??
          '',
      ]),
    );
  }

  it('SCH05 leaves keys alone that are computed out of a number', async () => {
    await database(
      'generators',
      `create sequence public.flake_seq;
       create table public.flake (id bigint primary key default ((extract(epoch from clock_timestamp()) * 1000)::bigint << 20) | (nextval('public.flake_seq') % 1024));
       alter sequence public.flake_seq owned by public.flake.id;
       create sequence public.tens_seq;
       create table public.tens (id bigint primary key default nextval('public.tens_seq') * 10);
       alter sequence public.tens_seq owned by public.tens.id;
       create table public."It's \\ one" ("Id" serial primary key)`,
    );
    const serials = await found('generators', 'SCH05');
    expect([...serials.keys()]).toEqual([`public."It's \\ one"."Id"`]);
    for (const { fixSql } of serials.values()) await server.run(fixSql ?? '', 'generators');
    expect(answers(await ask(server.url('generators'), ['SCH05']))).toEqual({ SCH05: 'ok' });
    await server.run('insert into public.flake default values; insert into public.tens default values', 'generators');
  });

  it('SCH06 reads values in the zone that the defaults tell, and keeps their moments in any session', async () => {
    const clocks = {
      utc_call: `timezone('utc', now())`,
      utc_syntax: `(now() at time zone 'utc')`,
      tokyo: `timezone('Asia/Tokyo', clock_timestamp())`,
      utc_precise: `timezone('UTC', current_timestamp(3))`,
      session_now: 'now()',
      session_current: 'current_timestamp',
      session_local: 'localtimestamp',
      session_local_precise: 'localtimestamp(2)',
      session_cast: 'now()::timestamp',
      session_text: `'now'::text::timestamp`,
      session_later: `now() + interval '0 day'`,
    };
    await database(
      'zones',
      `alter database zones set timezone = 'Europe/Berlin';
       ${Object.entries(clocks)
         .map(
           ([name, expression]) =>
             `create table public.${name} (id int primary key, at timestamp(3) default ${expression});`,
         )
         .join('\n')}
       create table public.fixed (id int primary key, at timestamp default '2020-07-01 12:00', later timestamp, clock timetz(3), made timestamp not null default timezone('Europe/Paris', now()));
       create table public.nothing (id int primary key, at timestamp);
       create table public.mixed (id int primary key, a timestamp default now(), b timestamp default timezone('utc', now()));
       create table public.unclear (id int primary key, at timestamp default date_trunc('day', timezone('utc', now())), plain timestamp)`,
    );
    for (const name of Object.keys(clocks)) await server.run(`insert into public.${name} values (1)`, 'zones');
    const findings = await found('zones', 'SCH06');
    expect([...findings.values()].every(({ severity }) => severity === 'info')).toBe(true);
    expect(findings.get('public.unclear')?.fixSql).toBeUndefined();
    expect(findings.get('public.unclear')?.caution).toContain('the default of at means');
    expect(findings.get('public.utc_call')?.caution).toBe(
      `The fix reads the values that are there: those of at as times in 'utc'. It goes by the defaults and the TimeZone of this database, else by UTC: where values were written in another zone, run it by hand with that one. It sets new defaults: at now(). The old ones would give other moments in sessions of other zones.`,
    );
    expect(findings.get('public.session_now')?.caution).toMatch(/at as times in 'Europe\/Berlin'\./);
    expect(findings.get('public.session_now')?.caution).not.toContain('new defaults');
    expect(findings.get('public.nothing')?.fixSql).toContain("at time zone 'UTC'");
    expect(findings.get('public.mixed')?.caution).toContain(
      `those of a as times in 'Europe/Berlin'; those of b as times in 'utc'.`,
    );
    expect(findings.get('public.fixed')?.fixSql).toBe(
      [
        'alter table public.fixed',
        '  alter column at drop default,',
        `  alter column at type timestamp with time zone using at at time zone 'Europe/Paris',`,
        `  alter column at set default ('2020-07-01 12:00:00'::timestamp without time zone at time zone 'Europe/Paris'),`,
        `  alter column later type timestamp with time zone using later at time zone 'Europe/Paris',`,
        '  alter column clock type time(3) without time zone,',
        '  alter column made drop default,',
        `  alter column made type timestamp with time zone using made at time zone 'Europe/Paris',`,
        '  alter column made set default now();',
      ].join('\n'),
    );
    expect(findings.get('public.fixed')?.caution).toContain('does not come back');

    const fixable = [...findings.values()].filter(({ fixSql }) => fixSql !== undefined);
    const before = await dumpOf('zones');
    for (const { fixSql } of fixable) await server.run(fixSql ?? '', 'zones');
    for (const name of Object.keys(clocks)) {
      const rows = await server.run(
        `set timezone = 'America/New_York'; insert into public.${name} values (2);
         select id, abs(extract(epoch from at - clock_timestamp())) < 60 as is_now from public.${name} order by id`,
        'zones',
      );
      expect({ name, rows }).toEqual({
        name,
        rows: [
          { id: 1, is_now: true },
          { id: 2, is_now: true },
        ],
      });
      await server.run(`delete from public.${name} where id = 2`, 'zones');
    }
    expect(
      await server.run(
        `set timezone = 'America/New_York'; insert into public.fixed (id) values (1);
         select at = '2020-07-01 12:00 Europe/Paris' as is_same from public.fixed`,
        'zones',
      ),
    ).toEqual([{ is_same: true }]);
    await server.run('delete from public.fixed', 'zones');
    expect([...(await found('zones', 'SCH06')).keys()]).toEqual(['public.unclear']);
    for (const { undoSql } of fixable) await server.run(undoSql ?? '', 'zones');
    expect(await dumpOf('zones')).toBe(before);
  });

  it('gives a fix where indexes, checks and statistics bear the change', async () => {
    await database(
      'borne',
      `create table public.stamps (id int primary key, begins timestamp not null, ends timestamp unique, check (begins < ends), check (ends is not null or id > 0));
       create index on public.stamps (begins desc, id) include (ends);
       create index on public.stamps (id) where ends is null;
       create index on public.stamps using brin (begins);
       create index on public.stamps using hash (ends);
       create index on public.stamps ((id % 10)) where id > 5;
       alter table public.stamps add exclude using btree (begins with =);
       create statistics public.stamps_s on begins, ends from public.stamps;
       create table public.letters (id int primary key, code char(3) default 'A', label char(4) collate "C", check (upper(code::text) = 'A' or label is null));
       create index on public.letters (code);
       create index on public.letters (code bpchar_pattern_ops);
       create index on public.letters (upper(code));
       create table public.prices (id int primary key, low money, high money default 0, check (low <= high), check (low::numeric > 0));
       create index on public.prices (high);
       create table public.documents (id int primary key, body json not null default '{}', check (body is not null));
       create index on public.documents (id) include (body) where body is not null;
       create table public.names (id int primary key, name varchar(20) collate "C" unique, kind varchar(5) default 'a', check (kind <> 'z'), check ('x' <> name));
       create index on public.names (lower(name)) where kind = 'a';
       insert into public.letters values (1, 'A', 'x'), (2, 'BB', null);
       insert into public.stamps values (1, '2020-01-01', '2020-01-02 03:04:05.678');
       insert into public.prices values (1, 1.50, 2); insert into public.documents values (1, '{"a": 1}')`,
    );
    expect(await fixAndUndo('borne', 'SCH06')).toEqual(['stamps']);
    expect(await fixAndUndo('borne', 'SCH07')).toEqual(['letters']);
    expect(await fixAndUndo('borne', 'SCH08')).toEqual(['names']);
    expect(await fixAndUndo('borne', 'SCH09')).toEqual(['prices']);
    expect(await fixAndUndo('borne', 'SCH10')).toEqual(['documents']);
    const fix = (await found('borne', 'SCH07')).get('public.letters');
    expect(fix?.fixSql).toBe(
      'alter table public.letters\n  alter column code type character varying(3),\n  alter column label type character varying(4) collate pg_catalog."C";',
    );
    expect(fix?.caution).toContain('The length stays the limit, as varchar(n).');
    await server.run(fix?.fixSql ?? '', 'borne');
    await expect(server.run(`insert into public.letters values (3, 'ABCD', null)`, 'borne')).rejects.toThrow(
      'too long',
    );
  });

  it('gives none, and names what depends on the type, where PostgreSQL refuses', async () => {
    await database(
      'held',
      `create extension if not exists plpgsql;
       create function public.of_text(text) returns text immutable language sql as 'select $1';
       create function public.of_json(json) returns text immutable language sql as 'select $1::text';
       create function public.watch() returns trigger language plpgsql as 'begin return new; end';
       create table public.viewed (at timestamp); create view public.shows as select at from public.viewed;
       create materialized view public.keeps as select at from public.viewed;
       create table public.ruled (id int, at timestamp);
       create rule "A rule" as on update to public.ruled where old.at is null do instead nothing;
       create table public.crowded (til timestamp, at timestamp, ${Array.from({ length: 9 }, () => 'check (at < til)').join(', ')});
       create view public.shows_crowd as select at from public.crowded;
       ${Array.from(
         { length: 9 },
         (_, count) => `create view public.seen_${String(count)} as select t from public.watched;`,
       )
         .join('\n')
         .replace('create view', 'create table public.watched (t timestamp);\ncreate view')}
       create table public.policed (at timestamp); create policy mine on public.policed using (at is null);
       create table public.fired (at timestamp); create trigger fires before update of at on public.fired for each row execute function public.watch();
       create table public.by_day (at timestamp); create index by_day_i on public.by_day (date_trunc('day', at));
       create table public.recent (at timestamp); create index recent_i on public.recent (at) where at > '2020-01-01';
       create table public.apart (a timestamp, b timestamp, constraint apart_x exclude using gist (tsrange(a, b) with &&));
       create table public.computed (at timestamp, day date generated always as (at::date) stored);
       create table public.itself (at date, t timestamp generated always as (at + time '12:00') stored);
       create table public.compared (at timestamp, constraint after_2000 check (at > '2000-01-01'));
       create table public.typed (at timestamp); create table public.uses_type (t public.typed);
       create table public.arrayed (at timestamp); create domain public.wrapped as public.arrayed;
       create type public.pair as (one public.wrapped); create table public.uses_pair (p public.pair[]);
       create table public.parted (at timestamp, id int) partition by range (at);
       create table public.parted_by (at timestamp, id int) partition by range (date_trunc('day', at));
       create foreign data wrapper nowhere; create server far foreign data wrapper nowhere;
       create table public.spread (id int, at timestamp) partition by list (id);
       create foreign table public.spread_far partition of public.spread for values in (1) server far;
       create table public.above (id int, at timestamp) partition by list (id);
       create table public.below partition of public.above for values in (1);
       create view public.shows_below as select at from public.below;
       create table public.parent (at timestamp); create table public.child () inherits (public.parent);
       create view public.shows_child as select at from public.child;
       create table public.other_parent (at2 timestamp, at timestamp); create table public.two_parents () inherits (public.parent, public.other_parent);
       create type public.shape as (at timestamp); create table public.shaped of public.shape;
       create domain public.moment as timestamp; create table public.domained (at public.moment);
       create table public.key (code char(2) primary key); create table public.refers (code char(2) constraint refers_key references public.key);
       create table public.listed (code char(1), constraint listed_code check (code in ('Y', 'N')));
       create table public.positive (price money, constraint not_negative check (price >= 0::money));
       create table public.objects (data json, constraint is_object check (json_typeof(data) = 'object'));
       create table public.indexed_json (data json); create index json_i on public.indexed_json (public.of_json(data));
       ${
         major < 15
           ? ''
           : `create table public.called (at timestamp); create function public.body() returns timestamp language sql begin atomic select max(at) from public.called; end;
              create table public.measured (at timestamp); create statistics public.measured_s on (date_trunc('day', at)), at from public.measured;
              create table public.measured_json (data json); create statistics public.json_s on (public.of_json(data)) from public.measured_json;
              create table public.filtered (at timestamp); create publication filters for table public.filtered where (at is null);
              create table public.columned (id int primary key, at timestamp); create publication columns for table public.columned (id, at);
              create table public.bloomed (at timestamp); create index bloomed_i on public.bloomed using brin (at timestamp_bloom_ops);`
       }`,
    );
    const stamps = await found('held', 'SCH06');
    expect(held(stamps)).toEqual({
      above: 'view public.shows_below',
      apart: 'index public.apart_x',
      arrayed: 'column public.uses_pair.p, of this row type',
      by_day: 'index public.by_day_i',
      compared: 'constraint after_2000 on public.compared',
      computed: 'generated column public.computed.day',
      crowded: 'view public.shows_crowd',
      domained: 'domain moment',
      fired: 'trigger fires on public.fired',
      itself: 'the expression of t',
      other_parent: 'parent table public.parent',
      parent: 'parent table public.other_parent, view public.shows_child',
      parted: 'partition key of public.parted',
      parted_by: 'partition key of public.parted_by',
      policed: 'policy mine on public.policed',
      recent: 'index public.recent_i',
      ruled: 'rule "A rule" on public.ruled',
      shaped: 'type public.shape',
      spread: 'foreign table public.spread_far',
      typed: 'column public.uses_type.t, of this row type',
      viewed: 'materialized view public.keeps, view public.shows',
      watched: `${Array.from({ length: 6 }, (_, count) => `view public.seen_${String(count)}`).join(', ')} and others`,
      ...(major < 15
        ? {}
        : {
            bloomed: 'index public.bloomed_i',
            called: 'function public.body()',
            columned: 'publication of public.columned in publication columns',
            filtered: 'publication of public.filtered in publication filters',
            measured: 'statistics object public.measured_s',
          }),
    });
    expect(held(await found('held', 'SCH07'))).toEqual({
      key: 'constraint refers_key on public.refers',
      listed: 'constraint listed_code on public.listed',
      refers: 'constraint refers_key on public.refers',
    });
    expect(held(await found('held', 'SCH09'))).toEqual({ positive: 'constraint not_negative on public.positive' });
    expect(held(await found('held', 'SCH10'))).toEqual({
      indexed_json: 'index public.json_i',
      ...(major < 15 ? {} : { measured_json: 'statistics object public.json_s' }),
      objects: 'constraint is_object on public.objects',
    });
    // What is said to hold the type does: but for these, which bear the change and would mean something else after it.
    // A foreign heir stands in the way of USING alone.
    const bears = ['compared', 'measured', 'spread'];
    for (const object of stamps.keys()) {
      if (bears.some((name) => object === `public.${name}`)) continue;
      const column = stamps.get(object)?.evidence?.at(-1);
      const change = server.run(
        `alter table ${object} alter column ${column?.label ?? ''} type timestamptz${object === 'public.itself' ? ` using now()` : ''}`,
        'held',
      );
      if (object === 'public.domained') await change;
      else await expect(change, object).rejects.toThrow();
    }
  });

  it('SEQ01, SEQ02 and SEQ04 share the question', async () => {
    await database(
      'numbers',
      `create table public.t (id serial primary key, v text not null); select setval('public.t_id_seq', 2100000000);
       create view public.v as select * from public.t;
       create sequence public.wide; select setval('public.wide', 2000000000);
       create table public.parted (id int default nextval('public.wide'), v int) partition by range (id);
       create table public.parent (id int primary key default nextval('public.wide'));
       create table public.child () inherits (public.parent);
       create table public.plain (id int default nextval('public.wide') primary key check (id > 0), check (id in (-1, 1, 2) or id is not null or 5 < id));
       create index on public.plain (id desc) where id > 10 and id <> all (array[7, 8]);
       create table public.modulo (id int default nextval('public.wide')); create index modulo_i on public.modulo ((id % 10));
       create table public.unused (id serial primary key);
       create table public.big (id bigint primary key);
       create table public.refers (big_id int references public.big, v int); create view public.shows as select big_id from public.refers;
       create table public.refers_free (big_id int constraint kept references public.big, other_id int, check (big_id <> other_id));
       create table public.refers_child () inherits (public.refers_free);
       create table public.ranged (big_id int references public.big constraint in_range check (big_id <@ '[1,1000)'::int4range));
       create table public.refers_parted (big_id int references public.big) partition by list (big_id)`,
    );
    expect(held(await found('numbers', 'SEQ01'))).toEqual({ t_id_seq: 'view public.v' });
    expect(held(await found('numbers', 'SEQ02'))).toMatchObject({
      'child.id': 'parent table public.parent',
      'modulo.id': 'index public.modulo_i',
      'parent.id': 'alter table public.parent alter column id type bigint;',
      'parted.id': 'partition key of public.parted',
      'plain.id': 'alter table public.plain alter column id type bigint;',
    });
    expect(held(await found('numbers', 'SEQ04'))).toEqual({
      'ranged.big_id': 'constraint in_range on public.ranged',
      'refers.big_id': 'view public.shows',
      'refers_free.big_id': 'alter table public.refers_free alter column big_id type bigint;',
      'refers_parted.big_id': 'partition key of public.refers_parted',
    });
    expect(await fixAndUndo('numbers', 'SEQ04')).toEqual(['refers_free.big_id']);
    expect(await fixAndUndo('numbers', 'SEQ02')).toEqual(['parent.id', 'plain.id']);
  });

  it('SCH13 leaves a key that is too narrow to SEQ04', async () => {
    await database(
      'names',
      `create table public.customer (customer_id bigint primary key);
       create table public.orders (id int primary key, customer_id int references public.customer);
       create table public.visits (id int primary key, guest_id int);
       create table public.bills (id int primary key, guest_id bigint)`,
    );
    expect(answers(await ask(server.url('names'), ['SCH13', 'SEQ04']))).toEqual({
      SCH13: ['info: public: guest_id'],
      SEQ04: ['warning: public.orders.customer_id'],
    });
  });
});
