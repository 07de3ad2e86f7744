import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { answers, ask, checkOf, createRoles, measuresOf, urlOf } from '../support/health-questions.ts';
import { startTestServer, type ServerMajor, type TestServer } from '../support/postgres-server.ts';

const ids = ['SEQ01', 'SEQ02', 'SEQ03', 'SEQ04', 'SEQ05', 'SEQ06'];
const majors: readonly ServerMajor[] = [13, 15, 18];

const defects = `
create schema "ten""ant";
-- A serial near its end, hostile names; one that is half way; a short range on purpose.
create table "ten""ant"."Über Größe" ("Id" serial primary key, v int);
select setval('"ten""ant"."Über Größe_Id_seq"', 2000000000);
create table public.half (id serial primary key);
select setval('public.half_id_seq', 1000000000);
create sequence public.bounded as bigint maxvalue 1000;
select setval('public.bounded', 950);
create sequence public.down as smallint increment -1 minvalue -100 maxvalue -1 start -1;
select setval('public.down', -80);
-- T17: one bigint sequence shared by two integer columns; by identity; and a bigint column, which is fine.
create sequence public.shared as bigint;
create table public.first (id int primary key default nextval('public.shared'));
create table public.second (id int primary key default nextval('public.shared'));
create table public.wide (id bigint primary key default nextval('public.shared'));
select setval('public.shared', 1900000000);
create table public.identity_int (id int generated always as identity (sequence name public.identity_int_id_seq) primary key);
alter sequence public.identity_int_id_seq as bigint;
select setval('public.identity_int_id_seq', 1200000000);
-- T15: partitions repeat the default and share the sequence of their parent.
create sequence public.parted_numbers as bigint;
create table public.parted (id int default nextval('public.parted_numbers'), at date, primary key (id, at)) partition by range (at);
create table public.parted_1 partition of public.parted for values from ('2020-01-01') to ('2021-01-01');
create table public.parted_2 partition of public.parted for values from ('2021-01-01') to ('2022-01-01');
select setval('public.parted_numbers', 1900000000);
-- A foreign key that cannot hold its target, one that can.
create table public.big_parent (id bigint generated always as identity primary key);
create table public.narrow_child (id bigint primary key, parent_id int references public.big_parent, same_id bigint references public.big_parent);
-- Sequences behind and not behind; one whose highest row is gone; a column of text.
create table public.restored (id serial primary key);
insert into public.restored select generate_series(1, 500);
create table public.used (id serial primary key);
insert into public.used (id) select nextval('public.used_id_seq') from generate_series(1, 500);
-- Cyclic behind a key, cyclic behind a plain column.
create sequence public.round as smallint cycle;
create table public.round_key (id smallint primary key default nextval('public.round'));
create sequence public.round_plain as smallint cycle;
create table public.round_column (id smallint default nextval('public.round_plain'));
create temporary table temporary_one (id serial primary key);
analyze`;

describe.each(majors)('sequences of PostgreSQL %i', (major) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ major });
    await createRoles(server);
    await server.createDatabase('shop');
    await server.run(defects, 'shop');
    await server.run('grant usage on schema public, "ten""ant" to plain, monitor', 'shop');
  }, 60_000);
  afterAll(async () => {
    await server.stop();
  });

  it('T15, T17: each is judged once, by the narrowest column that it feeds', async () => {
    const report = await ask(server.url('shop'), ids);
    expect(answers(report)).toEqual({
      SEQ01: ['critical: "ten""ant"."Über Größe_Id_seq"', 'critical: public.bounded', 'warning: public.down'],
      SEQ02: [
        'critical: public.first.id',
        'critical: public.parted.id',
        'critical: public.second.id',
        'warning: public.identity_int.id',
      ],
      // Nobody has a thousandth of two billion rows here.
      SEQ03: 'ok',
      SEQ04: ['warning: public.narrow_child.parent_id'],
      SEQ05: ['warning: public.restored_id_seq'],
      SEQ06: ['info: public.round'],
    });
    const positions = Object.fromEntries(
      [...measuresOf(report)].filter(([key]) => key.startsWith('sequence ')).map(([key, value]) => [key, value]),
    );
    expect(positions).toEqual({
      'sequence "ten""ant"."Über Größe_Id_seq"': 1_999_999_999,
      'sequence public.half_id_seq': 999_999_999,
      'sequence public.bounded': 949,
      'sequence public.down': 79,
      'sequence public.shared': 1_899_999_999,
      'sequence public.identity_int_id_seq': 1_199_999_999,
      'sequence public.parted_numbers': 1_899_999_999,
    });
    const shared = report.measures?.find(({ key }) => key === 'sequence public.shared');
    expect(shared?.limit).toBe(2_147_483_646);
  });

  it('thresholds decide', async () => {
    const set = {
      'SEQ01.warnShare': 0.4,
      'SEQ01.criticalShare': 0.99,
      'SEQ02.warnShare': 0.9,
      'SEQ02.criticalShare': 0.95,
      'SEQ05.minBehind': 501,
      'SEQ06.warnShare': 0,
    };
    const small = await ask(server.url('shop'), ['SEQ03'], { 'SEQ03.minShare': 0.0000001 });
    expect(answers(small)).toEqual({ SEQ03: ['info: public.restored.id', 'info: public.used.id'] });
    expect(answers(await ask(server.url('shop'), ['SEQ01', 'SEQ02', 'SEQ05', 'SEQ06'], set))).toEqual({
      SEQ01: [
        'warning: "ten""ant"."Über Größe_Id_seq"',
        'warning: public.bounded',
        'warning: public.down',
        'warning: public.half_id_seq',
      ],
      SEQ02: 'ok',
      SEQ05: 'ok',
      SEQ06: ['warning: public.round'],
    });
  });

  it('what may not be read is unknown, and the grants that are named unlock it', async () => {
    const asPlain = () => ask(urlOf(server, 'plain', 'shop'), ids);
    const hidden = await asPlain();
    expect(answers(hidden)).toMatchObject({
      SEQ01: 'skipped',
      SEQ02: 'skipped',
      SEQ05: 'skipped',
      SEQ04: ['warning: public.narrow_child.parent_id'],
    });
    expect(answers(await ask(urlOf(server, 'monitor', 'shop'), ids))).toEqual(answers(hidden));
    for (const { unlockSql } of hidden.checks) if (unlockSql !== undefined) await server.run(unlockSql, 'shop');
    expect(answers(await asPlain())).toEqual(answers(await ask(server.url('shop'), ids)));
  });

  it('the fixes run, the findings are gone, and undo brings them back', async () => {
    const before = await ask(server.url('shop'), ids);
    const fixed = ['SEQ01', 'SEQ02', 'SEQ04', 'SEQ05', 'SEQ06'];
    const undo: string[] = [];
    for (const id of fixed) {
      for (const { fixSql, undoSql } of checkOf(before, id).findings) {
        await server.run(fixSql ?? '', 'shop');
        if (undoSql !== undefined) undo.unshift(undoSql);
      }
    }
    expect(answers(await ask(server.url('shop'), fixed))).toEqual(Object.fromEntries(fixed.map((id) => [id, 'ok'])));
    const [inserted] = await server.run('insert into public.restored default values returning id', 'shop');
    expect(inserted).toEqual({ id: 501 });
    await server.run('delete from public.restored where id = 501', 'shop');
    for (const sql of undo) await server.run(sql, 'shop');
    await server.run('analyze public.restored', 'shop');
    expect(answers(await ask(server.url('shop'), fixed))).toEqual(
      Object.fromEntries(Object.entries(answers(before)).filter(([id]) => fixed.includes(id))),
    );
  });

  it('domains keep their name: no fix that would take them away', async () => {
    await server.createDatabase('domains');
    await server.run(
      `create domain public.pint as int check (value > 0);
       create domain public.ppint as public.pint;
       create sequence public.q1 as bigint;
       create table public.dd (id public.pint default nextval('public.q1') primary key);
       create table public.ddd (id public.ppint default nextval('public.q1') primary key);
       select setval('public.q1', 2000000000);
       create sequence public.q2 as int;
       create table public.de (id public.pint default nextval('public.q2') primary key);
       select setval('public.q2', 2000000000)`,
      'domains',
    );
    const report = await ask(server.url('domains'), ['SEQ01', 'SEQ02']);
    expect(answers(report)).toEqual({
      SEQ01: ['critical: public.q2'],
      SEQ02: ['critical: public.dd.id', 'critical: public.ddd.id'],
    });
    const found = report.checks.flatMap(({ findings }) => findings);
    expect(found.map(({ fixSql, caution }) => [fixSql, caution?.includes('domain')])).toEqual(
      found.map(() => [undefined, true]),
    );
  });

  it('a descending sequence fills an integer from the other side', async () => {
    await server.createDatabase('descending');
    await server.run(
      `create sequence public.down as bigint increment -1;
       create table public.down_int (id int primary key default nextval('public.down'));
       create table public.down_big (id bigint primary key default nextval('public.down'));
       select setval('public.down', -2147483000);
       create sequence public.far as bigint increment -1 maxvalue 9223372036854775807 start 100;
       create table public.far_int (id int primary key default nextval('public.far'));
       select setval('public.far', 50);
       create sequence public.wide as bigint minvalue -9223372036854775808 start 1;
       create table public.wide_int (id int primary key default nextval('public.wide'));
       select setval('public.wide', -1000000000);
       create table public.both (id int generated always as identity (increment -1) primary key);
       select setval('public.both_id_seq', -2147483000)`,
      'descending',
    );
    const before = await ask(server.url('descending'), ['SEQ01', 'SEQ02'], { 'SEQ02.warnShare': 0.51 });
    expect(answers(before)).toEqual({
      SEQ01: ['critical: public.both_id_seq'],
      SEQ02: ['critical: public.down_int.id'],
    });
    for (const { findings } of before.checks)
      for (const { fixSql } of findings) await server.run(fixSql ?? '', 'descending');
    await server.run("select setval('public.down', -2147483648)", 'descending');
    await server.run('insert into public.down_int default values', 'descending');
    await server.run("select setval('public.both_id_seq', -2147483648)", 'descending');
    await server.run('insert into public.both default values', 'descending');
    expect(answers(await ask(server.url('descending'), ['SEQ02'], { 'SEQ02.warnShare': 0.51 }))).toEqual({
      SEQ02: 'ok',
    });
  });

  it('sequences behind: steps of fifty, borrowed sequences, and what only looks like it', async () => {
    await server.createDatabase('behind');
    await server.run(
      `create table public.pooled (id bigint primary key);
       create sequence public.pooled_seq increment 50 owned by public.pooled.id;
       select setval('public.pooled_seq', 101);
       insert into public.pooled select generate_series(1, 149);
       create table public.late (id bigint primary key);
       create sequence public.late_seq increment 50 owned by public.late.id;
       select setval('public.late_seq', 101);
       insert into public.late select generate_series(1, 151);
       create sequence public.ns;
       create table public.borrows (id int primary key default nextval('public.ns'));
       create table public.also_borrows (id bigint primary key default nextval('public.ns'));
       insert into public.borrows select generate_series(1, 500);
       insert into public.also_borrows select generate_series(1, 700);
       create sequence public.begins start 1000;
       create table public.before_start (id int primary key default nextval('public.begins'));
       insert into public.before_start select generate_series(1, 500);
       create sequence public.versions;
       create table public.not_unique (id int primary key, version int default nextval('public.versions'));
       insert into public.not_unique select n, n from generate_series(1, 500) as n;
       create sequence public.sharded;
       create table public.shards (id bigint primary key default nextval('public.sharded') * 1000 + 7);
       insert into public.shards select n * 1000 + 7 from generate_series(1, 100) as n;
       create table public.restarted (id int generated by default as identity primary key);
       insert into public.restarted select generate_series(1, 100);
       alter table public.restarted alter column id restart with 101;
       create table public."Set ""anew""" (id serial primary key);
       insert into public."Set ""anew""" select generate_series(1, 100);
       select setval('public."Set ""anew""_id_seq"', 90, false);
       create table public.sentinel (id serial primary key);
       insert into public.sentinel (id) select nextval('public.sentinel_id_seq') from generate_series(1, 20);
       insert into public.sentinel values (2147483646), (2147483647);
       create table public.lagging (id serial primary key);
       insert into public.lagging select generate_series(1, 100);
       insert into public.lagging values (900000000);
       create sequence public.odd increment 2;
       create table public.two_servers (id int primary key default nextval('public.odd'));
       insert into public.two_servers select nextval('public.odd') from generate_series(1, 10);
       insert into public.two_servers select n * 2 from generate_series(1, 15) as n;
       create sequence public.odd_behind increment 2;
       create table public.restored_odd (id int primary key default nextval('public.odd_behind'));
       insert into public.restored_odd select generate_series(1, 30);
       create table public.emptied (id serial primary key);
       insert into public.emptied select nextval('public.emptied_id_seq') from generate_series(1, 5000);
       create sequence public.old_seq;
       create sequence public.new_seq;
       create table public.moved (id int primary key default nextval('public.new_seq'));
       alter sequence public.old_seq owned by public.moved.id;
       insert into public.moved (id) select nextval('public.new_seq') from generate_series(1, 100);
       analyze`,
      'behind',
    );
    await server.run('truncate public.emptied restart identity; insert into public.emptied default values', 'behind');
    const url = server.url('behind');
    const report = await ask(url, ['SEQ05']);
    expect(answers(report)).toEqual({
      SEQ05: [
        'warning: public."Set ""anew""_id_seq"',
        'warning: public.lagging_id_seq',
        'warning: public.late_seq',
        'warning: public.ns',
        'warning: public.odd_behind',
      ],
    });
    const found = checkOf(report, 'SEQ05').findings;
    expect(found[0]?.message).toBe(
      'Sequence public."Set ""anew""_id_seq" will hand out 90 first, but public."Set ""anew""".id already holds 100.',
    );
    expect(found[3]?.message).toBe(
      'Sequence public.ns will hand out 1 first, but public.also_borrows.id already holds 700.',
    );
    // One row far above the others is nothing that a sequence should run after.
    expect(found[1]).toMatchObject({ caution: expect.stringContaining('far above the others') });
    expect(found[1]?.fixSql).toBeUndefined();
    for (const { fixSql } of found) await server.run(fixSql ?? '', 'behind');
    expect(await server.run('insert into public.borrows default values returning id', 'behind')).toEqual([{ id: 701 }]);
    expect(await server.run('insert into public.restored_odd default values returning id', 'behind')).toEqual([
      { id: 33 },
    ]);
    expect(answers(await ask(url, ['SEQ05']))).toEqual({ SEQ05: ['warning: public.lagging_id_seq'] });
    for (const { undoSql } of found) await server.run(undoSql ?? '', 'behind');
    expect(answers(await ask(url, ['SEQ05']))).toEqual(answers(report));
  });

  it('what is used is counted from the start; a sequence that was set is not empty', async () => {
    await server.createDatabase('started');
    await server.run(
      `create sequence public.whole minvalue -9223372036854775808 start 1;
       create table public.whole_int (id int primary key default nextval('public.whole'));
       insert into public.whole_int default values;
       create sequence public.late minvalue 1 maxvalue 1000 start 900;
       select nextval('public.late');
       create sequence public.late_end minvalue 1 maxvalue 1000 start 900;
       select setval('public.late_end', 995);
       create sequence public.before minvalue 1 maxvalue 1000 start 900;
       select setval('public.before', 800);
       create sequence public.restarted as integer;
       alter sequence public.restarted restart with 2147483640;
       create sequence public."Set ""false""" maxvalue 100;
       select setval('public."Set ""false"""', 99, false);
       create sequence public.lowest minvalue -9223372036854775808 start 1;
       select setval('public.lowest', -9223372036854775808, false);
       create sequence public.fresh maxvalue 10;
       create sequence public.narrow_next as bigint;
       create table public.narrow (id int primary key default nextval('public.narrow_next'));
       select setval('public.narrow_next', 2000000000, false)`,
      'started',
    );
    const report = await ask(server.url('started'), ['SEQ01', 'SEQ02']);
    expect(answers(report)).toEqual({
      SEQ01: [
        'critical: public."Set ""false"""',
        'critical: public.late_end',
        'critical: public.restarted',
        'warning: public.before',
      ],
      SEQ02: ['critical: public.narrow.id'],
    });
    const set = checkOf(report, 'SEQ01').findings.find(({ object }) => object === 'public."Set ""false"""');
    expect([set?.message, set?.evidence[0]]).toEqual([
      'Sequence public."Set ""false""" has used 98 % of its values; 2 are left.',
      { label: 'Next value', value: '99' },
    ]);
  });

  it('a descending sequence can be behind its column as well', async () => {
    await server.createDatabase('falling');
    await server.run(
      `create sequence public.down increment -1;
       create table public.restored (id bigint primary key default nextval('public.down'));
       insert into public.restored select -n from generate_series(1, 500) as n;
       create sequence public.down_used increment -1;
       create table public.used (id bigint primary key default nextval('public.down_used'));
       insert into public.used select nextval('public.down_used') from generate_series(1, 500);
       create sequence public.down_two increment -2;
       create table public.twos (id bigint primary key default nextval('public.down_two'));
       select setval('public.down_two', -11);
       insert into public.twos select -n from generate_series(1, 30) as n;
       create sequence public.down_far increment -1;
       create table public.far (id bigint primary key default nextval('public.down_far'));
       insert into public.far select -n from generate_series(1, 100) as n;
       insert into public.far values (-900000000);
       analyze`,
      'falling',
    );
    const url = server.url('falling');
    const report = await ask(url, ['SEQ05']);
    const found = checkOf(report, 'SEQ05').findings;
    expect(found.map(({ message, caution }) => [message, caution !== undefined])).toEqual([
      ['Sequence public.down will hand out -1 first, but public.restored.id already holds -500.', false],
      ['Sequence public.down_far will hand out -1 first, but public.far.id already holds -900,000,000.', true],
      ['Sequence public.down_two stands at -11, but public.twos.id already holds -29.', false],
    ]);
    for (const { fixSql } of found) if (fixSql !== undefined) await server.run(fixSql, 'falling');
    expect(answers(await ask(url, ['SEQ05']))).toEqual({ SEQ05: ['warning: public.down_far'] });
    expect([
      await server.run('insert into public.restored default values returning id::int4', 'falling'),
      await server.run('insert into public.twos default values returning id::int4', 'falling'),
    ]).toEqual([[{ id: -501 }], [{ id: -33 }]]);
    await server.run('delete from public.restored where id = -501; delete from public.twos where id = -33', 'falling');
    for (const { undoSql } of found) if (undoSql !== undefined) await server.run(undoSql, 'falling');
    expect(answers(await ask(url, ['SEQ05']))).toEqual(answers(report));
  });

  it('what is named to unlock it does, but for what row security hides', async () => {
    await server.createDatabase('locked');
    await server.run(
      `create schema "Own";
       create schema numbers;
       create sequence numbers.n;
       create table "Own".restored (id int primary key default nextval('numbers.n'));
       insert into "Own".restored select generate_series(1, 500);
       create table "Own".secured (id serial primary key);
       alter table "Own".secured enable row level security;
       insert into "Own".secured select generate_series(1, 500);
       analyze`,
      'locked',
    );
    const plain = urlOf(server, 'plain', 'locked');
    const before = checkOf(await ask(plain, ['SEQ05']), 'SEQ05');
    expect(before.reason).toContain('plain may not read 1 column or its sequence.');
    await server.run(before.unlockSql ?? '', 'locked');
    const after = checkOf(await ask(plain, ['SEQ05']), 'SEQ05');
    expect([after.findings.map(({ object }) => object), after.unlockSql, after.reason]).toEqual([
      ['numbers.n'],
      undefined,
      'Row security hides 1 column from plain: only a role with BYPASSRLS sees their statistics.',
    ]);
    await server.run('alter role plain bypassrls');
    // Its sequence may still not be read.
    const bypassing = checkOf(await ask(plain, ['SEQ05']), 'SEQ05');
    await server.run(bypassing.unlockSql ?? '', 'locked');
    expect(answers(await ask(plain, ['SEQ05']))).toEqual(answers(await ask(server.url('locked'), ['SEQ05'])));
    await server.run('alter role plain nobypassrls');
  });

  it('a cycle is no defect where only some rows are unique', async () => {
    await server.run('create database tickets');
    await server.run(
      `create sequence public.numbers maxvalue 1000 cycle;
       create table public.open_tickets (n int not null default nextval('public.numbers'), active boolean not null);
       create unique index on public.open_tickets (n) where active`,
      'tickets',
    );
    const found = async () => checkOf(await ask(server.url('tickets'), ['SEQ06']), 'SEQ06').findings;
    expect((await found()).map(({ message }) => message).join()).not.toContain('unique');
    await server.run('create unique index on public.open_tickets (n)', 'tickets');
    expect((await found()).map(({ message }) => message).join()).toContain('unique');
  });

  it('a column that cannot become wider has no fix, and the caution says what holds it', async () => {
    await server.run('create view public.shows as select parent_id from public.narrow_child', 'shop');
    const [found] = checkOf(await ask(server.url('shop'), ['SEQ04']), 'SEQ04').findings;
    expect(found?.fixSql).toBeUndefined();
    expect(found?.caution).toContain('There is no fix while these depend on the type: view public.shows.');
    await server.run('drop view public.shows', 'shop');
  });
});
