import { appendFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { answers, ask, checkOf, createRoles, urlOf, type Role } from '../support/health-questions.ts';
import { startTestServer, type ServerMajor, type TestServer } from '../support/postgres-server.ts';

const majors: readonly ServerMajor[] = [13, 15, 18];

/** Runs the statements of a fix one by one, as the fix service does. */
async function run(server: TestServer, sql: string | undefined): Promise<void> {
  for (const statement of (sql ?? '').split(/(?<=;)\n/)) if (statement !== '') await server.run(statement);
}

async function shown(server: TestServer, name: string, role: Role = 'plain'): Promise<unknown> {
  const { Client } = (await import('pg')).default;
  const client = new Client(urlOf(server, role));
  await client.connect();
  const { rows } = await client.query<{ value: string }>('select current_setting($1) as value', [name]);
  await client.end();
  return rows[0]?.value;
}

async function reload(server: TestServer): Promise<void> {
  await server.run('select pg_reload_conf()');
  await new Promise((resolve) => setTimeout(resolve, 400));
}

describe.each(majors)('settings of PostgreSQL %i', (major) => {
  it('of a role or a database are not taken for the server’s', async () => {
    await using server = await startTestServer({ major });
    await createRoles(server);
    await server.run('create database shop');
    await server.run('alter system set random_page_cost = 1.1');
    await server.run(`alter role ${server.user} set track_counts = false`);
    await server.run(`alter role ${server.user} in database shop set enable_mergejoin = off`);
    await server.run('alter database shop set synchronous_commit = off');
    await server.run('alter database shop set random_page_cost = 4.5');
    await server.run("alter role all set maintenance_work_mem = '2MB'");
    await server.run('alter role plain set track_activities = on');
    await reload(server);
    const ids = ['TAB04', 'CFG06', 'CFG07', 'CFG10', 'CFG11', 'CFG12'];
    const report = await ask(server.url('shop'), ids);
    const found = {
      TAB04: 'ok',
      CFG06: ['info: random_page_cost of database shop'],
      CFG07: ['warning: maintenance_work_mem of all roles'],
      CFG10: ['critical: fsync', 'warning: synchronous_commit of database shop'],
      CFG11: [`info: enable_mergejoin of role ${server.user} in database shop`],
      CFG12: [`warning: track_counts of role ${server.user}`],
    };
    expect(answers(report)).toEqual(found);
    const scoped = report.checks.flatMap(({ findings }) => findings).filter(({ object }) => object !== 'fsync');
    expect(scoped.map(({ fixSql, undoSql }) => [fixSql, undoSql]).toSorted()).toEqual([
      ['alter database shop reset random_page_cost;', "alter database shop set random_page_cost = '4.5';"],
      ['alter database shop reset synchronous_commit;', "alter database shop set synchronous_commit = 'off';"],
      ['alter role all reset maintenance_work_mem;', "alter role all set maintenance_work_mem = '2MB';"],
      [
        `alter role ${server.user} in database shop reset enable_mergejoin;`,
        `alter role ${server.user} in database shop set enable_mergejoin = 'off';`,
      ],
      [`alter role ${server.user} reset track_counts;`, `alter role ${server.user} set track_counts = 'false';`],
    ]);
    for (const { fixSql } of scoped) await run(server, fixSql);
    expect(answers(await ask(server.url('shop'), ids))).toEqual({
      ...Object.fromEntries(ids.map((id) => [id, 'ok'])),
      CFG10: ['critical: fsync'],
    });
    for (const { undoSql } of scoped) await run(server, undoSql);
    expect(answers(await ask(server.url('shop'), ids))).toEqual(found);
    expect([await shown(server, 'track_counts'), await shown(server, 'random_page_cost')]).toEqual(['on', '1.1']);

    // Who may not read the files cannot tell what the server has.
    const plain = await ask(urlOf(server, 'plain', 'shop'), ['TAB04', 'CFG06', 'CFG10']);
    expect(answers(plain)).toEqual({ TAB04: 'ok', CFG06: found.CFG06, CFG10: found.CFG10 });
    expect(checkOf(plain, 'CFG06')).toMatchObject({
      status: 'finding',
      reason: expect.stringContaining('its database'),
    });
  }, 60_000);

  it('of the server are judged although the role has others', async () => {
    await using server = await startTestServer({ major });
    await createRoles(server);
    for (const setting of ['enable_hashjoin = off', 'random_page_cost = 4', 'track_counts = off', "work_mem = '3MB'"]) {
      await server.run(`alter system set ${setting}`);
    }
    for (const setting of ['enable_hashjoin = on', 'random_page_cost = 1.1', 'track_counts = on', "work_mem = '1GB'"]) {
      await server.run(`alter role ${server.user} set ${setting}`);
      if (!setting.startsWith('track')) await server.run(`alter role plain set ${setting}`);
    }
    await reload(server);
    const ids = ['CFG04', 'CFG06', 'CFG11', 'CFG12', 'TAB04'];
    const report = await ask(server.url(), ids);
    expect(answers(report)).toEqual({
      CFG04: ['info: work_mem'],
      CFG06: ['info: random_page_cost'],
      CFG11: ['info: enable_hashjoin'],
      CFG12: ['warning: track_counts'],
      TAB04: ['critical: track_counts'],
    });
    expect(answers(await ask(urlOf(server, 'plain'), ids))).toMatchObject({
      CFG04: 'skipped',
      CFG06: 'skipped',
      CFG11: 'skipped',
      TAB04: ['critical: track_counts'],
    });
    for (const { fixSql } of report.checks.flatMap(({ findings }) => findings)) await run(server, fixSql);
    await reload(server);
    expect(answers(await ask(server.url(), ['CFG06', 'CFG11', 'CFG12', 'TAB04']))).toEqual({
      CFG06: 'ok',
      CFG11: 'ok',
      CFG12: 'ok',
      TAB04: 'ok',
    });
  }, 60_000);

  it('come back to the file that they stood in', async () => {
    await using server = await startTestServer({ major });
    const folder = String((await server.run('show data_directory'))[0]?.['data_directory']);
    await appendFile(path.join(folder, 'postgresql.conf'), '\nrandom_page_cost = 4\n');
    await reload(server);
    const undoOf = async () => checkOf(await ask(server.url(), ['CFG06']), 'CFG06').findings[0]?.undoSql;
    expect(await undoOf()).toBe('alter system reset random_page_cost;\nselect pg_catalog.pg_reload_conf();');
    await server.run("alter system set random_page_cost = '5'");
    await reload(server);
    expect(await undoOf()).toBe("alter system set random_page_cost = '5';\nselect pg_catalog.pg_reload_conf();");
  }, 60_000);

  it('of the command line have no fix, and the caution says so', async () => {
    await using server = await startTestServer({
      major,
      settings: {
        statement_timeout: '60s',
        synchronous_standby_names: 'nobody',
        synchronous_commit: 'local',
        log_connections: major === 18 ? '' : 'off',
        log_disconnections: 'off',
        password_encryption: 'md5',
        log_statement: 'none',
      },
    });
    await server.run(
      "set password_encryption = 'scram-sha-256'; create role monitor login password 'monitor'; grant pg_monitor to monitor",
    );
    // The reader sets a statement_timeout of its own.
    const con10 = await ask(server.url(), ['CON10']);
    expect(answers(con10)).toEqual({ CON10: ['info: idle_in_transaction_session_timeout', 'info: lock_timeout'] });
    expect(answers(await ask(urlOf(server, 'monitor'), ['CON10']))['CON10']).not.toContain('info: statement_timeout');
    const report = await ask(server.url(), ['REP16', 'SEC05', 'SEC32']);
    for (const id of ['REP16', 'SEC05', 'SEC32']) {
      const [finding] = checkOf(report, id).findings;
      expect([id, finding?.fixSql, finding?.undoSql]).toEqual([id, undefined, undefined]);
      expect(finding?.caution).toContain('It is set by the command line of the server');
    }
    // What the role has instead does not hide it.
    await server.run(`alter role ${server.user} set password_encryption = 'scram-sha-256'`);
    const [hidden] = checkOf(await ask(server.url(), ['SEC05']), 'SEC05').findings;
    expect([hidden?.object, hidden?.fixSql]).toEqual(['password_encryption', undefined]);
  }, 60_000);

  it('that wait for a reload are told, and an old mark is doubted', async () => {
    await using server = await startTestServer({ major });
    await createRoles(server);
    const cfg13 = async (role: Role = 'superuser') => checkOf(await ask(urlOf(server, role), ['CFG13']), 'CFG13');
    expect((await cfg13()).findings).toEqual([]);
    expect(await cfg13('plain')).toMatchObject({ status: 'skipped', findings: [] });
    for (const setting of [
      "work_mem = '77MB'",
      'autovacuum_naptime = 60',
      'track_counts = true',
      'wal_compression = 1',
    ]) {
      await server.run(`alter system set ${setting}`);
    }
    const waiting = (await cfg13()).findings.map(({ object }) => object);
    expect(waiting).toContain('work_mem');
    expect(waiting).not.toContain('autovacuum_naptime');
    expect(waiting).not.toContain('track_counts');
    await run(server, (await cfg13()).findings[0]?.fixSql);
    await reload(server);
    expect((await cfg13()).findings).toEqual([]);
    await server.run('alter system reset work_mem');
    expect((await cfg13()).findings.map(({ object }) => object)).toEqual(['work_mem']);
    await server.run('alter system reset all');
    await reload(server);

    await server.run('alter system set max_files_per_process = 2000');
    await reload(server);
    await server.run('alter system reset max_files_per_process');
    await reload(server);
    expect((await cfg13()).findings).toEqual([]);
    for (const role of ['monitor', 'plain'] as const) {
      expect((await cfg13(role)).findings).toMatchObject([{ object: 'max_files_per_process', confidence: 'low' }]);
    }
  }, 60_000);

  it('QRY07: keeps what waits to be loaded, and takes itself out again', async () => {
    await using server = await startTestServer({ major });
    await createRoles(server);
    await server.run("alter system set shared_preload_libraries = 'auto_explain'");
    await reload(server);
    const qry07 = async (role: Role = 'superuser') =>
      checkOf(await ask(urlOf(server, role), ['QRY07']), 'QRY07').findings[0];
    const [{ available }] = (await server.run(
      "select exists (select from pg_available_extensions where name = 'pg_stat_statements') as available",
    )) as [{ available: boolean }];
    const found = await qry07();
    if (!available) {
      expect([found?.fixSql, found?.caution]).toEqual([undefined, 'Install the contrib package on the server first.']);
      return;
    }
    expect(found?.fixSql).toMatch(
      /^alter system set shared_preload_libraries = 'auto_explain', 'pg_stat_statements';\n/,
    );
    expect(found?.undoSql).toBe(
      "drop extension pg_stat_statements;\nalter system set shared_preload_libraries = 'auto_explain';",
    );
    for (const role of ['monitor', 'plain'] as const) expect((await qry07(role))?.fixSql).toBeUndefined();
    const inFile = async () => {
      const rows = await server.run("select setting from pg_file_settings where name = 'shared_preload_libraries'");
      return rows[0]?.['setting'];
    };
    await run(server, found?.fixSql);
    expect(await inFile()).toBe('auto_explain, pg_stat_statements');
    expect((await qry07())?.caution).toContain('has not been restarted since');
    await run(server, found?.undoSql);
    expect(await inFile()).toBe('auto_explain');
    await server.run('alter system reset shared_preload_libraries');
    expect((await qry07())?.undoSql).toContain('alter system reset shared_preload_libraries;');
  }, 60_000);
});
