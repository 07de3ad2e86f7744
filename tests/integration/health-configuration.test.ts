import { describe, expect, it } from 'vitest';

import { answers, ask, checkOf, createRoles, measuresOf, urlOf } from '../support/health-questions.ts';
import { startTestServer, type ServerMajor } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

const majors: readonly ServerMajor[] = [13, 15, 18];
const gigabyte = 1024 ** 3;

describe.each(majors)('configuration of PostgreSQL %i', (major) => {
  it('is judged setting by setting, by thresholds that decide, and fixed and unfixed', async () => {
    await using server = await startTestServer({ major });
    await createRoles(server);
    await server.run('create database shop');
    await server.run("create database ascii with encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C' template template0");
    const asked = async (ids: readonly string[], set: Record<string, number> = {}) =>
      answers(await ask(server.url('shop'), ids, set));

    // Memory: unknown, small and large.
    expect(await asked(['CFG03', 'CFG05', 'CFG08', 'CFG16'])).toMatchObject({
      CFG03: ['info: shared_buffers'],
      CFG05: 'skipped',
      CFG16: 'ok',
    });
    const memory = (bytes: number) => ({
      'CFG03.serverMemoryBytes': bytes,
      'CFG05.serverMemoryBytes': bytes,
      'CFG08.serverMemoryBytes': bytes,
      'CFG08.minIoConcurrency': 0,
    });
    expect(await asked(['CFG03', 'CFG05', 'CFG08'], memory(64 * gigabyte))).toEqual({
      CFG03: ['warning: shared_buffers'],
      CFG05: 'ok',
      CFG08: ['info: effective_cache_size'],
    });
    expect(await asked(['CFG03', 'CFG05', 'CFG08'], memory(150 * 1024 ** 2))).toEqual({
      CFG03: 'ok',
      CFG05: ['warning: memory settings'],
      CFG08: 'ok',
    });
    expect(await asked(['CFG03'], { ...memory(36 * 1024 ** 2) })).toEqual({ CFG03: ['warning: shared_buffers'] });
    const pages = await asked(['CFG16'], { 'CFG16.minBytes': 1 });
    expect(pages).toEqual({ CFG16: major >= 17 ? ['info: huge_pages'] : 'skipped' });

    const bad: Readonly<Record<string, string>> = {
      autovacuum_vacuum_scale_factor: '0.5',
      autovacuum_analyze_scale_factor: '0.4',
      autovacuum_vacuum_cost_delay: '20ms',
      autovacuum_naptime: '10min',
      default_statistics_target: '10',
      effective_cache_size: '8MB',
      enable_hashjoin: 'off',
      full_page_writes: 'off',
      maintenance_work_mem: '8MB',
      random_page_cost: '4',
      track_counts: 'off',
      work_mem: '2MB',
    };
    for (const [name, value] of Object.entries(bad)) await server.run(`alter system set ${name} = '${value}'`);
    await server.run('select pg_reload_conf()');
    await until(async () => (await server.run('show track_counts'))[0]?.['track_counts'] === 'off');
    const ids = ['CFG04', 'CFG06', 'CFG07', 'CFG08', 'CFG09', 'CFG10', 'CFG11', 'CFG12'];
    const found = {
      CFG04: ['info: work_mem'],
      CFG06: ['info: random_page_cost'],
      CFG07: ['warning: maintenance_work_mem'],
      CFG08: ['warning: default_statistics_target', 'warning: effective_cache_size'],
      CFG09: [
        'warning: autovacuum_analyze_scale_factor',
        'warning: autovacuum_naptime',
        'warning: autovacuum_vacuum_cost_delay',
        'warning: autovacuum_vacuum_scale_factor',
      ],
      // The test server itself runs without fsync.
      CFG10: ['critical: fsync', 'critical: full_page_writes'],
      CFG11: ['info: enable_hashjoin'],
      CFG12: ['warning: track_counts'],
    };
    const noIo = { 'CFG08.minIoConcurrency': 0 };
    const before = await ask(server.url('shop'), ids, noIo);
    expect(answers(before)).toEqual(found);
    expect(answers(await ask(urlOf(server, 'plain', 'shop'), ids, noIo))).toEqual(found);
    expect(
      await asked(['CFG04', 'CFG06', 'CFG07', 'CFG09'], {
        'CFG04.maxBytes': 1024,
        'CFG06.minCost': 5,
        'CFG07.minBytes': 1024,
        'CFG09.vacuumScaleFactor': 0.6,
        'CFG09.analyzeScaleFactor': 0.6,
        'CFG09.costDelayMs': 30,
        'CFG09.naptimeSeconds': 700,
      }),
    ).toEqual({ CFG04: 'ok', CFG06: 'ok', CFG07: 'ok', CFG09: 'ok' });
    const run = async (sql: string | undefined) => {
      for (const statement of (sql ?? '').split(/(?<=;)\n/).filter((text) => text !== '')) await server.run(statement);
    };
    const fixable = before.checks.flatMap(({ findings }) => findings).filter(({ object }) => object !== 'fsync');
    for (const { fixSql } of fixable) await run(fixSql);
    await until(async () => (await server.run('show track_counts'))[0]?.['track_counts'] === 'on');
    expect(await asked(ids, noIo)).toMatchObject({
      CFG06: 'ok',
      CFG07: 'ok',
      CFG08: 'ok',
      CFG09: 'ok',
      CFG10: ['critical: fsync'],
      CFG11: 'ok',
      CFG12: 'ok',
    });
    for (const { undoSql } of fixable) await run(undoSql);
    await until(async () => (await server.run('show track_counts'))[0]?.['track_counts'] === 'off');
    expect(await asked(ids, noIo)).toEqual(found);
    for (const name of Object.keys(bad)) await server.run(`alter system reset ${name}`);
    await server.run('select pg_reload_conf()');
    await until(async () => (await server.run('show track_counts'))[0]?.['track_counts'] === 'on');

    // A changed setting waits for a restart; one that the command line overrides waits for nothing.
    expect(await asked(['CFG13'])).toEqual({ CFG13: 'ok' });
    await server.run('alter system set max_wal_senders = 7; ');
    await server.run('alter system set max_connections = 33');
    await server.run('select pg_reload_conf()');
    await until(async () => (await asked(['CFG13']))['CFG13'] !== 'ok');
    expect(await asked(['CFG13'])).toEqual({ CFG13: ['warning: max_wal_senders'] });
    expect(answers(await ask(urlOf(server, 'plain', 'shop'), ['CFG13']))).toEqual({
      CFG13: ['warning: max_wal_senders'],
    });
    for (const name of ['max_wal_senders', 'max_connections']) await server.run(`alter system reset ${name}`);
    await server.run('select pg_reload_conf()');
    await until(async () => (await asked(['CFG13']))['CFG13'] === 'ok');

    // A database of unknown bytes, and one whose collation sorts otherwise than when it was made.
    expect(await asked(['CFG22'])).toEqual({ CFG22: ['warning: database ascii'] });
    expect(measuresOf(await ask(server.url('shop'), ['CFG22'])).get('database.size')).toBeGreaterThan(1_000_000);
    if (major >= 15) {
      await server.run('create database "Sorted ""so" template template0 locale_provider icu icu_locale \'en\'');
      expect(await asked(['CFG22'])).toEqual({ CFG22: ['warning: database ascii'] });
      await server.run(`update pg_database set datcollversion = '1' where datname = 'Sorted "so'`);
      const url = server.url('Sorted "so');
      expect(answers(await ask(url, ['CFG22']))).toEqual({
        CFG22: ['warning: database "Sorted ""so"', 'warning: database ascii'],
      });
      const fix = checkOf(await ask(url, ['CFG22']), 'CFG22').findings.find(({ object }) => object.includes('Sorted'));
      for (const statement of (fix?.fixSql ?? '').split(/(?<=;)\n/)) await server.run(statement, 'Sorted "so');
      expect(answers(await ask(url, ['CFG22']))).toEqual({ CFG22: ['warning: database ascii'] });
    }

    // Checkpoints that are forced, in what is said to have been two hours.
    const first = await ask(server.url('shop'), ['CFG01']);
    for (let turn = 0; turn < 12; turn += 1) await server.run('checkpoint');
    const forced = async () => {
      const report = await ask(server.url('shop'), ['CFG01'], { 'CFG01.minSeconds': 0 });
      return answers(report)['CFG01'];
    };
    await until(async () => (await forced()) !== 'ok', 'the checkpoints are counted');
    const earlier = { takenAt: new Date(Date.now() - 1), values: measuresOf(first) };
    expect(answers(await ask(server.url('shop'), ['CFG01'], { 'CFG01.minSeconds': 0 }, { earlier }))).toEqual({
      CFG01: ['warning: max_wal_size'],
    });
    expect(await asked(['CFG01'])).toEqual({ CFG01: 'ok' });
    expect(await asked(['CFG01'], { 'CFG01.minSeconds': 0, 'CFG01.minRequested': 1000 })).toEqual({ CFG01: 'ok' });
  }, 60_000);
});
