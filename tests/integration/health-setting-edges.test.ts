import { appendFile, readFile, writeFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { answers, ask, checkOf } from '../support/health-questions.ts';
import { startTestServer, type ServerMajor, type TestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

const majors: readonly ServerMajor[] = [13, 15, 18];

async function configurationFile(server: TestServer): Promise<string> {
  return String((await server.run('show config_file'))[0]?.['config_file']);
}

/** Adds lines to postgresql.conf and waits until the server has read them. */
async function configure(server: TestServer, lines: readonly string[]): Promise<void> {
  const [row] = await server.run('select pg_conf_load_time()::text as at');
  await appendFile(await configurationFile(server), `\n${lines.join('\n')}\n`);
  await server.run('select pg_reload_conf()');
  await until(async () => (await server.run('select pg_conf_load_time()::text as at'))[0]?.['at'] !== row?.['at']);
}

async function told(server: TestServer, id: string, set: Readonly<Record<string, number>> = {}) {
  const check = checkOf(await ask(server.url(), [id], set), id);
  return { check, messages: check.findings.map(({ object, message }) => `${object}: ${message}`) };
}

describe.each(majors)('settings and their edges on PostgreSQL %i', (major) => {
  it('a name that the server does not know keeps every line from being applied, and that is what is told', async () => {
    await using server = await startTestServer({ major });
    await server.run(`alter role ${server.user} set work_mem = '64MB'`);
    await server.run(`alter role ${server.user} set synchronous_commit = 'on'`);
    await configure(server, ["work_mem = '32MB'", 'synchronous_commit = off']);
    const file = await configurationFile(server);
    await appendFile(file, 'old_setting_name = 1\n');
    const { check } = await told(server, 'CFG13');
    expect(check.findings.map(({ object }) => object)).toEqual(['old_setting_name']);
    // Hidden behind the role's own, and no longer told by the files.
    const report = await ask(server.url(), ['CFG04', 'CFG10']);
    expect(answers(report)).toEqual({ CFG04: 'skipped', CFG10: ['critical: fsync'] });
    expect(checkOf(report, 'CFG10').reason).toContain('synchronous_commit');
    await writeFile(file, (await readFile(file, 'utf8')).replace('old_setting_name = 1', ''));
    expect(answers(await ask(server.url(), ['CFG04', 'CFG10', 'CFG13']))).toEqual({
      CFG04: 'ok',
      CFG10: ['critical: fsync', 'warning: synchronous_commit'],
      CFG13: 'ok',
    });
  }, 60_000);

  it('ways to write a value that the server takes for the same are no change', async () => {
    await using server = await startTestServer({ major });
    await configure(server, [
      'wal_compression = on',
      'lock_timeout = 0100000',
      "statement_timeout = '1.0001min'",
      'idle_in_transaction_session_timeout = 0x100',
      "vacuum_cost_delay = '1.5ms'",
      "temp_file_limit = '1.5GB'",
    ]);
    expect((await told(server, 'CFG13')).messages).toEqual([]);
  }, 60_000);

  it('what is proposed satisfies the thresholds that were set', async () => {
    await using server = await startTestServer({ major });
    for (const setting of [
      "maintenance_work_mem = '16MB'",
      'autovacuum_vacuum_scale_factor = 0.1',
      "autovacuum_naptime = '2min'",
      'default_statistics_target = 50',
    ])
      await server.run(`alter system set ${setting}`);
    await configure(server, []);
    const limits = {
      'CFG07.minBytes': 256 * 1024 ** 2,
      'CFG09.vacuumScaleFactor': 0.05,
      'CFG09.naptimeSeconds': 30,
      'CFG08.minIoConcurrency': 64,
      'CFG08.minStatisticsTarget': 200,
    };
    const ids = ['CFG07', 'CFG08', 'CFG09'];
    const report = await ask(server.url(), ids, limits);
    const found = report.checks.flatMap(({ findings }) => findings);
    expect(found.map(({ object }) => object).toSorted()).toEqual([
      'autovacuum_naptime',
      'autovacuum_vacuum_scale_factor',
      'default_statistics_target',
      'effective_io_concurrency',
      'maintenance_work_mem',
    ]);
    expect(found.find(({ object }) => object === 'autovacuum_vacuum_scale_factor')?.message).toContain(
      'until 10 % of a table is dead',
    );
    for (const { fixSql = '' } of found) for (const sql of fixSql.split(/(?<=;)\n/)) await server.run(sql);
    await configure(server, []);
    expect(answers(await ask(server.url(), ids, limits))).toEqual({ CFG07: 'ok', CFG08: 'ok', CFG09: 'ok' });
  }, 60_000);

  it('settings that stand for each other are judged together', async () => {
    await using server = await startTestServer({ major });
    await configure(server, [
      'random_page_cost = 4',
      'seq_page_cost = 4',
      "maintenance_work_mem = '8GB'",
      "autovacuum_work_mem = '1GB'",
      'autovacuum_vacuum_cost_delay = -1',
      "vacuum_cost_delay = '50ms'",
      'work_mem = 2048',
      'log_min_duration_sample = 100',
      'log_statement_sample_rate = 1',
    ]);
    expect((await told(server, 'CFG06')).messages).toEqual([]);
    expect((await told(server, 'CFG07')).messages).toEqual([
      'maintenance_work_mem: maintenance_work_mem is 8 GB: each VACUUM and index build may take as much.',
    ]);
    expect((await told(server, 'CFG09')).messages).toEqual([
      'autovacuum_vacuum_cost_delay: autovacuum_vacuum_cost_delay is -1, which stands for vacuum_cost_delay, 50ms: vacuum sleeps far longer than with the current default of 2 ms.',
    ]);
    expect((await told(server, 'CFG17')).messages.join()).not.toContain('log_min_duration_statement');
    await server.run(`alter role ${server.user} set work_mem = '64MB'`);
    const { check, messages } = await told(server, 'CFG04');
    expect(messages).toEqual(['work_mem: work_mem is 2048kB.']);
    expect(check.findings[0]?.evidence[0]).toEqual({ label: 'work_mem', value: '2048kB (configuration file)' });
  }, 60_000);

  it('the database has a value of its own: it is judged by that, and gets it back', async () => {
    await using server = await startTestServer({ major });
    await server.run("alter database postgres set log_min_duration_statement = '1s'");
    await server.run('alter database postgres set idle_in_transaction_session_timeout = 0');
    expect((await told(server, 'CFG17')).messages.join()).not.toContain('log_min_duration_statement');
    const { check } = await told(server, 'CON10');
    const own = check.findings.find(({ object }) => object.startsWith('idle'));
    const before = await server.run('select setconfig from pg_db_role_setting');
    await server.run(own?.fixSql ?? '');
    await server.run(own?.undoSql ?? '');
    expect(await server.run('select setconfig from pg_db_role_setting')).toEqual(before);
  }, 60_000);

  it.runIf(major >= 17)(
    'no ALTER SYSTEM is offered where it is forbidden (17 and later can forbid it)',
    async () => {
      await using server = await startTestServer({ major });
      await configure(server, ['allow_alter_system = off']);
      const { check } = await told(server, 'CFG17');
      expect(check.findings.length).toBeGreaterThan(0);
      expect(check.findings.filter(({ fixSql }) => fixSql !== undefined)).toEqual([]);
      expect(check.findings[0]?.caution).toContain('allow_alter_system is off');
    },
    60_000,
  );
});

describe('what was given twice on the command line', () => {
  it('is read as the server reads it: the last one counts', async () => {
    await using server = await startTestServer({ settings: { work_mem: '1MB', 'work-mem': '64MB' } });
    await server.run(`alter role ${server.user} set work_mem = '4MB'`);
    const report = await ask(server.url(), ['CFG04']);
    expect(answers(report)).toEqual({ CFG04: 'ok' });
  }, 60_000);
});
