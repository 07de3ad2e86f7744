import pg from 'pg';
import { describe, expect, it } from 'vitest';

import { answers, ask, checkOf, createRoles, measuresOf, urlOf } from '../support/health-questions.ts';
import { serverMajors, startTestServer } from '../support/postgres-server.ts';
import { runStatementInLatin1 } from '../support/statement-in-latin1.ts';

const ids = ['QRY01', 'QRY02', 'QRY03', 'QRY04', 'QRY05', 'QRY06', 'QRY08', 'QRY12'];

/** The statements that a check found, by their beginnings. */
function statements(report: Awaited<ReturnType<typeof ask>>, id: string): string[] {
  return checkOf(report, id)
    .findings.map((finding) => finding.evidence.find(({ label }) => label === 'Statement')?.value ?? finding.object)
    .map((text) => text.slice(0, 40))
    .toSorted();
}

describe.each(serverMajors)('statements of PostgreSQL %i', (major) => {
  it('are judged by what they cost, as far as each role may see', async () => {
    await using server = await startTestServer({
      major,
      settings: {
        shared_preload_libraries: 'pg_stat_statements',
        'pg_stat_statements.max': '100',
        'pg_stat_statements.track_planning': 'on',
      },
    });
    await createRoles(server);
    await server.createDatabase('shop');
    await server.run(
      `create schema "Odd ""place";
       create extension pg_stat_statements schema "Odd ""place";
       create table public.events (id int, happened date, note text) partition by range (happened);
       create table public.events_1 partition of public.events for values from ('2020-01-01') to ('2021-01-01');
       create table public.events_2 partition of public.events for values from ('2021-01-01') to ('2022-01-01');
       create table public.events_3 partition of public.events for values from ('2022-01-01') to ('2023-01-01');
       create table public.events_4 partition of public.events for values from ('2023-01-01') to ('2024-01-01');
       insert into public.events select n, date '2020-01-01' + n % 1400, repeat('x', 50) from generate_series(1, 20000) as n;
       analyze public.events`,
      'shop',
    );
    const client = new pg.Client({ connectionString: server.url('shop') });
    await client.connect();
    await client.query("set work_mem = '64kB'; set max_parallel_workers_per_gather = 0");
    await client.query('select "Odd ""place".pg_stat_statements_reset()');
    for (let turn = 0; turn < 25; turn += 1) {
      await client.query('select sum(length(note)) from public.events where id > $1', [turn]);
      await client.query("select sum(id) from public.events where happened = date '2020-02-02' + $1::int", [turn]);
      await client.query('select * from public.events order by note, id desc');
      await client.query('update public.events set note = note where id < 3000');
      await client.query('select 1');
    }
    await client.end();
    const set = {
      'QRY01.meanMs': 0.5,
      'QRY01.minCalls': 20,
      'QRY02.minSeconds': 0,
      'QRY02.timeShare': 0.2,
      'QRY03.walPerCall': 50_000,
      'QRY03.tempBlocksPerCall': 50,
      'QRY05.minCalls': 20,
      'QRY05.minPlanMs': 0.0001,
      'QRY12.meanMs': 0.01,
    };
    const whole = await ask(server.url('shop'), ids, set);
    const sorting = 'select * from public.events order by not';
    const updating = 'update public.events set note = note whe';
    const summing = 'select sum(length(note)) from public.eve';
    expect(statements(whole, 'QRY01')).toEqual(expect.arrayContaining([sorting, updating]));
    expect(statements(whole, 'QRY01')).not.toContain('select $1');
    expect(statements(whole, 'QRY03')).toEqual([sorting, updating]);
    // The one that names the key prunes; the one that updates everything says no key either.
    expect(statements(whole, 'QRY12')).toEqual([sorting, summing, updating].toSorted());
    expect(checkOf(whole, 'QRY02').findings.map(({ severity }) => severity)).toContain('warning');
    expect(checkOf(whole, 'QRY06').status).toBe(major >= 15 ? 'ok' : 'skipped');
    expect(checkOf(whole, 'QRY05').status).not.toBe('error');
    // With the usual numbers none of this is worth a word.
    const usual = answers(await ask(server.url('shop'), ids));
    expect(usual).toMatchObject({ QRY01: 'ok', QRY02: 'ok', QRY04: 'ok' });
    for (const limit of [{ 'QRY12.minCalls': 26 }, { 'QRY12.minPartitions': 5 }])
      expect(answers(await ask(server.url('shop'), ['QRY12'], { ...set, ...limit }))).toEqual({ QRY12: 'ok' });

    const grant = 'grant pg_read_all_stats to plain;';
    await server.run('grant usage on schema "Odd ""place" to plain, monitor', 'shop');
    const plain = await ask(urlOf(server, 'plain', 'shop'), ids, set);
    expect(
      Object.fromEntries(
        plain.checks.map(({ id, status, unlockSql }) => [id, status === 'skipped' ? (unlockSql ?? 'no') : status]),
      ),
    ).toEqual({
      QRY01: grant,
      QRY02: grant,
      QRY03: grant,
      QRY04: grant,
      QRY05: grant,
      QRY06: major >= 15 ? grant : 'no',
      QRY08: major >= 14 ? 'ok' : 'no',
      QRY12: grant,
    });
    expect(statements(await ask(urlOf(server, 'monitor', 'shop'), ids, set), 'QRY12')).toEqual(
      statements(whole, 'QRY12'),
    );

    // More kinds of statements than there is room for.
    const kinds = Array.from(
      { length: 200 },
      (_, n) => `select ${Array.from({ length: n + 1 }, () => '1').join(' + ')} as c${String(n)}`,
    );
    await server.run(kinds.join(';\n'), 'shop');
    if (major < 14) return;
    const evicting = await ask(server.url('shop'), ['QRY08']);
    expect(answers(evicting)).toEqual({ QRY08: ['warning: pg_stat_statements.max'] });
    expect(answers(await ask(server.url('shop'), ['QRY08'], { 'QRY08.perDay': 1_000_000 }))).toEqual({ QRY08: 'ok' });
    const earlier = { takenAt: new Date(Date.now() - 100), values: measuresOf(evicting) };
    expect(answers(await ask(server.url('shop'), ['QRY08'], {}, { earlier }))).toEqual({ QRY08: 'ok' });
    const fix = checkOf(evicting, 'QRY08').findings[0];
    await server.run(fix?.fixSql ?? '');
    await server.run(fix?.undoSql ?? '');
  }, 60_000);
});

it('an extension whose library is not loaded, or that is older than its server, is no error', async () => {
  for (const major of [13, 15, 18] as const) {
    await using server = await startTestServer({ major });
    await server.run('create extension pg_stat_statements');
    const missing = await ask(server.url(), [...ids, 'QRY07']);
    expect(missing.checks.filter(({ status }) => status === 'error')).toEqual([]);
    expect(answers(missing)).toMatchObject({ QRY01: 'skipped', QRY05: 'skipped', QRY07: ['info: pg_stat_statements'] });
    expect(checkOf(missing, 'QRY01').reason).toMatch(/library is not loaded/);
  }
  await using server = await startTestServer({
    major: 15,
    settings: { shared_preload_libraries: 'pg_stat_statements' },
  });
  await server.run(
    "create extension pg_stat_statements version '1.4'; alter extension pg_stat_statements update to '1.7'",
  );
  const old = await ask(server.url(), ids);
  expect(Object.fromEntries(old.checks.map(({ id, status, unlockSql }) => [id, [status, unlockSql]]))).toEqual(
    Object.fromEntries(ids.map((id) => [id, ['skipped', 'alter extension pg_stat_statements update;']])),
  );
  await server.run("alter extension pg_stat_statements update to '1.8'");
  expect(answers(await ask(server.url(), ids))).toMatchObject({ QRY01: 'ok', QRY06: 'skipped', QRY08: 'skipped' });
}, 60_000);

it('one text that the session cannot have is no failure of every check of the group', async () => {
  await using server = await startTestServer({ settings: { shared_preload_libraries: 'pg_stat_statements' } });
  await server.run('create extension pg_stat_statements');
  await runStatementInLatin1(server);
  const report = await ask(server.url(), ids);
  expect(answers(report)).toMatchObject({ QRY01: 'skipped', QRY02: 'skipped', QRY08: 'ok', QRY12: 'skipped' });
  expect(checkOf(report, 'QRY01').reason).toMatch(/22021: invalid byte sequence.*another encoding/);
});
