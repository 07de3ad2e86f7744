import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { answers, ask, checkOf, createRoles, measuresOf, urlOf } from '../support/health-questions.ts';
import { startTestServer, type ServerMajor, type TestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

const majors: readonly ServerMajor[] = [13, 15, 18];
const ids = ['XID01', 'XID02', 'XID04', 'XID06', 'XID08'];

/** Uses up transaction ids: one for each commit. */
const burn = (count: number): string =>
  `do $$ begin for n in 1..${String(count)} loop perform pg_current_xact_id(); commit; end loop; end $$`;

describe.each(majors)('transaction ids of PostgreSQL %i', (major) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      major,
      settings: { autovacuum_freeze_max_age: '100000', autovacuum_naptime: '1s' },
    });
    await server.run('alter system set autovacuum = off');
    await server.run('select pg_reload_conf()');
    await until(async () => (await server.run('show autovacuum'))[0]?.['autovacuum'] === 'off');
    await createRoles(server);
    await server.createDatabase('shop');
    await server.createDatabase('closed');
    await server.createDatabase('half "dropped"');
    await server.run(
      'create table public.aged (id int, note text) with (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)',
      'shop',
    );
    await server.run(
      "insert into public.aged select n, repeat('x', 300) from generate_series(1, 60000) as n; analyze public.aged",
      'shop',
    );
  }, 60_000);
  afterAll(async () => {
    await server.stop();
  });

  it('T9: an age near or above autovacuum_freeze_max_age is no alarm; T10: multixacts have an age of their own', async () => {
    const holder = new pg.Client({ connectionString: server.url('shop') });
    holder.on('error', () => {});
    await holder.connect();
    // Holds the lock that vacuum needs, so that nothing is frozen meanwhile.
    await holder.query('begin; lock table public.aged in share update exclusive mode');
    const first = await ask(server.url('shop'), [...ids, 'XID07']);
    await server.run(burn(120_000), 'shop');
    const second = await ask(server.url('shop'), ids);
    // template0 may be as old: what was never written is frozen and ages all the same.
    expect(answers(second)).toEqual({ XID01: 'ok', XID02: 'ok', XID04: 'ok', XID06: 'ok', XID08: 'ok' });
    const ages = measuresOf(second);
    expect(ages.get('xid.age')).toBeGreaterThan(120_000);
    expect(ages.get('xid.table_age')).toBeGreaterThan(120_000);
    expect(ages.get('multixact.age')).toBeLessThan(10_000);
    // With limits as low as the age the same numbers are findings.
    const low = {
      'XID01.warnShare': 0.00005,
      'XID02.warnShare': 0.00005,
      'XID01.timesFreezeMaxAge': 1,
      'XID02.timesFreezeMaxAge': 1,
    };
    expect(answers(await ask(server.url('shop'), ['XID01', 'XID02'], low))).toMatchObject({
      XID01: expect.arrayContaining(['warning: database shop']),
      XID02: expect.arrayContaining(['warning: public.aged']),
    });
    const critical = { 'XID01.criticalShare': 0.00005, 'XID02.criticalShare': 0.00005 };
    expect(answers(await ask(urlOf(server, 'plain', 'shop'), ['XID01', 'XID02'], critical))).toMatchObject({
      XID01: expect.arrayContaining(['critical: database shop']),
      XID02: expect.arrayContaining(['critical: public.aged']),
    });
    const large = { 'XID03.minAge': 100_000, 'XID03.minBytes': 1_000_000 };
    expect(answers(await ask(server.url('shop'), ['XID03'], large))).toEqual({ XID03: ['info: public.aged'] });
    expect(answers(await ask(server.url('shop'), ['XID03'], { ...large, 'XID03.dueShare': 100 }))).toEqual({
      XID03: 'ok',
    });

    // The pace: 120,000 in what is said to have been an hour and a half; slow, and at a made-up pace far too fast.
    expect(answers(first)['XID07']).toBe('skipped');
    const earlier = { takenAt: new Date(Date.now() - 5_400_000), values: measuresOf(first) };
    const pace = async (set: Record<string, number>) =>
      answers(await ask(server.url('shop'), ['XID07'], set, { earlier }))['XID07'];
    expect(await pace({})).toBe('ok');
    expect(await pace({ 'XID07.warnDays': 100_000 })).toEqual([expect.stringMatching(/^info: database /)]);
    expect(await pace({ 'XID07.warnDays': 100_000, 'XID07.timesFreezeMaxAge': 1 })).toEqual([
      expect.stringMatching(/^warning: database /),
    ]);
    expect(
      await pace({ 'XID07.warnDays': 100_000, 'XID07.criticalDays': 100_000, 'XID07.timesFreezeMaxAge': 1 }),
    ).toEqual([expect.stringMatching(/^critical: database /)]);

    // Databases out of reach.
    await server.run('alter database closed with allow_connections false');
    await server.run(`update pg_database set datconnlimit = -2 where datname = 'half "dropped"'`);
    expect(answers(await ask(server.url('shop'), ['XID06'], { 'XID06.timesFreezeMaxAge': 1 }))['XID06']).toEqual([
      'info: database closed',
      'info: database template0',
      'warning: database "half ""dropped"""',
    ]);
    const dropping = checkOf(await ask(server.url('shop'), ['XID06']), 'XID06').findings;
    expect(dropping.map(({ object }) => object)).toEqual(['database "half ""dropped"""']);
    await server.run(dropping[0]?.fixSql ?? '');
    expect(answers(await ask(server.url('shop'), ['XID06']))).toEqual({ XID06: 'ok' });

    // The vacuum against wraparound first waits for the lock, then it works.
    await server.run('alter system reset autovacuum');
    await server.run('select pg_reload_conf()');
    const waits = { 'TXN06.minSeconds': 0 };
    await until(
      async () => answers(await ask(server.url('shop'), ['TXN06'], waits))['TXN06'] !== 'ok',
      'autovacuum waits',
    );
    const waiting = await ask(server.url('shop'), ['TXN06', 'XID08'], waits);
    expect(checkOf(waiting, 'TXN06').findings[0]?.message).toMatch(
      /^Autovacuum \(process \d+\) has been waiting for .* behind \d+\.$/,
    );
    expect(checkOf(waiting, 'TXN06').findings[0]?.severity).toBe('warning');
    expect(answers(await ask(server.url('shop'), ['TXN06']))).toEqual({ TXN06: 'ok' });
    await holder.end();
    await until(async () => {
      const found = answers(await ask(server.url('shop'), ['XID08']))['XID08'];
      return Array.isArray(found) && found.includes('info: public.aged');
    }, 'aged is frozen');
    expect(answers(await ask(server.url('shop'), ['TXN06'], waits))).toEqual({ TXN06: 'ok' });
    expect(answers(await ask(urlOf(server, 'plain', 'shop'), ['XID08']))).toEqual({ XID08: 'skipped' });
    expect(answers(await ask(server.url('shop'), ['XID08'], { 'XID08.minSeconds': 3600 }))).toEqual({ XID08: 'ok' });
  }, 60_000);
});
