import { spawn } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { HealthReport } from '#contract/health-model.ts';
import type { Suppression } from '#contract/health.ts';

import { type TestApp, collect, draftFor, startApp, temporaryFolder } from '../support/app.ts';
import { type CliResult, steward as run } from '../support/cli.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** Tables without a key, named `t001` and so on. */
const keyless = (count: number): string =>
  Array.from({ length: count }, (_, place) => `create table t${String(place + 1).padStart(3, '0')} (a int);`).join('');

function ruleFor(object: string | null, different: Partial<Suppression> = {}): Suppression {
  return {
    id: object ?? 'all',
    check: 'SCH01',
    object,
    connectionId: null,
    reason: 'Known.',
    by: 'ada',
    at: '2026-01-01T00:00:00Z',
    until: null,
    ...different,
  };
}

describe('the app', () => {
  let app: TestApp;
  beforeAll(async () => {
    await server.createDatabase('store');
    app = await startApp({ storeMode: 'own', storeUrl: server.url('store') });
    await until(async () => (await app.client.settings.status()).store.kind === 'ready');
  });
  afterAll(() => app[Symbol.asyncDispose]());

  async function databaseWith(name: string, sql: string): Promise<string> {
    await server.createDatabase(name);
    await server.run(sql, name);
    return (await app.client.connections.save(draftFor(server, { name, database: name }))).id;
  }
  async function report(connectionId: string, only?: string[]) {
    const last = (await collect(await app.client.health.run({ connectionId, ...(only ? { only } : {}) }))).at(-1);
    if (last?.kind !== 'report') throw new Error(`no report: ${JSON.stringify(last)}`);
    return last;
  }
  const checkOf = (of: HealthReport, id: string) => of.checks.find((check) => check.id === id);

  it('lists others where what is listed is suppressed, and counts all of them', async () => {
    const connectionId = await databaseWith('many', keyless(430));
    const { report: first, savedId } = await report(connectionId);
    const listed = checkOf(first, 'SCH01')?.findings.map(({ object }) => object) ?? [];
    expect([listed.length, checkOf(first, 'SCH01')?.omitted?.warning]).toEqual([200, 230]);
    const [kept] = await app.client.health.reports({ connectionId, limit: 1 });
    expect(kept?.warning).toBeGreaterThanOrEqual(430);
    for (const object of listed)
      await app.client.health.suppress({ check: 'SCH01', object, connectionId, reason: 'Known.', until: null });
    // The kept report lists no open one any more, and is no better for it.
    const again = await app.client.health.report({ id: savedId ?? '' });
    expect(checkOf(again, 'SCH01')?.findings.filter(({ suppressed }) => suppressed === undefined)).toEqual([]);
    expect(again.score).toBe(first.score);
    const { report: next } = await report(connectionId, ['SCH01']);
    const open = checkOf(next, 'SCH01')?.findings.filter(({ suppressed }) => suppressed === undefined) ?? [];
    expect([open.length, checkOf(next, 'SCH01')?.omitted?.warning, next.score]).toEqual([200, 30, 95]);
    expect(open.some(({ object }) => listed.includes(object))).toBe(false);
  });

  it('keeps a report with half an emoji in it', async () => {
    const connectionId = await databaseWith('halves', 'create table "a😀" (a int)');
    // What cuts a long text at so many units leaves such a half.
    await app.client.health.suppress({
      check: 'SCH01',
      object: null,
      connectionId,
      reason: 'Known \ud83d',
      until: null,
    });
    const { savedId, notKept } = await report(connectionId);
    expect([savedId, notKept]).toEqual([expect.any(String), null]);
    await server.run('alter table steward.health_reports rename to away', 'store');
    const lost = await report(connectionId);
    await server.run('alter table steward.away rename to health_reports', 'store');
    expect([lost.savedId, lost.notKept]).toEqual([null, expect.stringContaining('health_reports')]);
  });

  it('a partition goes by its table, alone or with others', async () => {
    const connectionId = await databaseWith(
      'parts',
      `create table part (id int primary key) partition by list (id);
       create table p1 partition of part for values in (1);
       create table p2 partition of part for values in (2);
       alter table p1 set (autovacuum_enabled = off);
       alter table p2 set (autovacuum_enabled = off);`,
    );
    const found = async () => checkOf((await report(connectionId, ['TAB04'])).report, 'TAB04')?.findings ?? [];
    expect(await found()).toMatchObject([{ object: 'public.part' }]);
    await server.run('alter table p1 reset (autovacuum_enabled)', 'parts');
    expect(await found()).toMatchObject([
      {
        object: 'public.part',
        evidence: expect.arrayContaining([{ label: 'Partitions', value: expect.stringContaining('public.p2') }]),
      },
    ]);
  });

  it('keys of one table go by their names where it has several, and are found again where one is left', async () => {
    const connectionId = await databaseWith(
      'keys',
      `create table k (id int primary key, a int, b int not null, c int, d int not null,
         constraint k_ab unique (a, b), constraint k_cd unique (c, d))`,
    );
    const before = await report(connectionId);
    expect(checkOf(before.report, 'SCH22')?.findings.map(({ object }) => object)).toEqual([
      'public.k.k_ab',
      'public.k.k_cd',
    ]);
    await server.run('alter table k drop constraint k_ab', 'keys');
    const after = await report(connectionId);
    const { changes } = await app.client.health.compare({
      before: before.savedId ?? '',
      after: after.savedId ?? '',
    });
    expect(
      changes.filter(({ check }) => check === 'SCH22').map(({ kind, finding }) => `${kind} ${finding.object}`),
    ).toEqual(['gone public.k.k_ab', 'same public.k']);
  });

  it('suppressions of single tables hold when one more makes them a group', async () => {
    const money = (count: number) =>
      Array.from({ length: count }, (_, at) => `create table m${at} (id int primary key, a money);`).join('');
    const connectionId = await databaseWith('moneyed', money(20));
    const before = await report(connectionId, ['SCH09']);
    const singles = checkOf(before.report, 'SCH09')?.findings.map(({ object }) => object) ?? [];
    expect(singles).toHaveLength(20);
    for (const object of singles)
      await app.client.health.suppress({ check: 'SCH09', object, connectionId, reason: 'Known.', until: null });
    await server.run('create table m20 (id int primary key, a money)', 'moneyed');
    const [group] = checkOf((await report(connectionId, ['SCH09'])).report, 'SCH09')?.findings ?? [];
    expect([group?.object, group?.members?.length, group?.suppressedMembers?.length, group?.suppressed]).toEqual([
      'schema public',
      21,
      20,
      undefined,
    ]);
    await app.client.health.suppress({
      check: 'SCH09',
      object: 'public.m20',
      connectionId,
      reason: 'Known.',
      until: null,
    });
    const accepted = (await report(connectionId, ['SCH09'])).report;
    expect([checkOf(accepted, 'SCH09')?.findings[0]?.suppressed?.reason, accepted.score]).toEqual(['Known.', 100]);
  });
});

describe('steward health', () => {
  let folder: string;
  let url: string;
  beforeAll(async () => {
    await server.createDatabase('shop');
    await server.run('create table bare (a int); create table line (a int)', 'shop');
    url = `postgresql://${server.user}@${server.host}:${server.port}/shop`;
  });
  beforeEach(async () => {
    folder = await temporaryFolder();
    return () => rm(folder, { recursive: true, force: true });
  });

  const environment = () => ({ STEWARD_DATA_DIR: folder, PGPASSWORD: server.password });
  const health = (...args: string[]): Promise<CliResult> =>
    run(['health', url, ...args], { environment: environment() });
  const write = async (name: string, content: string): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, content);
    return file;
  };

  it.each([
    ['a stray comma', '{"suppressions": [],}'],
    ['an end that is none', JSON.stringify({ suppressions: [ruleFor('public.bare', { until: 'soon' })] })],
  ])('says what is wrong with rules with %s, and leaves the file where it is', async (_, content) => {
    const file = await write('health-rules.json', content);
    const { code, stdout, stderr } = await health('--only', 'SCH01');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(file);
    expect(stderr).toContain('--rules FILE');
    expect((await readdir(folder)).filter((name) => name.startsWith('health-rules'))).toEqual(['health-rules.json']);
    expect(await readFile(file, 'utf8')).toBe(content);
    // Other rules, and commands that need none, do without it.
    const rules = await write('rules.json', '{}');
    expect(await health('--only', 'SCH01', '--rules', rules)).toMatchObject({ code: 0 });
    expect(await run(['query', url, '-c', 'select 1'], { environment: environment() })).toMatchObject({ code: 0 });
  });

  it('a suppression may end with a day', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const day = (until: string) => JSON.stringify({ suppressions: [ruleFor(null, { until })] });
    await write('health-rules.json', day(today));
    expect(await health('--only', 'SCH01', '--fail-on', 'info')).toMatchObject({ code: 0 });
    await write('health-rules.json', day('2026-01-01'));
    expect(await health('--only', 'SCH01', '--fail-on', 'info')).toMatchObject({ code: 1 });
  });

  it('refuses rules that would be set in vain', async () => {
    for (const [thresholds, words] of [
      [{ 'TAB03.nothing': 3 }, 'no threshold TAB03.nothing'],
      [{ 'SCH25.minColumns': -1 }, 'not negative'],
    ] as const) {
      const rules = await write('rules.json', JSON.stringify({ thresholds }));
      expect(await health('--rules', rules)).toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
    }
  });

  it('refuses what names no check, an unknown one, and two formats', async () => {
    for (const args of [
      ['--only', ''],
      ['--only', ','],
      ['--also', ''],
      ['--only', 'SCH01', '--also', 'SCH20,XXX'],
      ['--json', '--format', 'html'],
      ['--threshold', `SCH25.minColumns=${'9'.repeat(400)}`],
    ])
      expect([args.join(' ').slice(0, 60), (await health(...args)).code]).toEqual([args.join(' ').slice(0, 60), 2]);
  });

  it('asks --only and --also together, and takes a threshold before the target', async () => {
    const both = await health('--only', 'sch01', '--also', 'SCH26', '--json');
    expect(both.json<HealthReport>().checks.map(({ id }) => id)).toEqual(['SCH01', 'SCH26']);
    const options = ['--threshold', 'SCH25.minColumns=2', '--threshold', 'SCH25.listedTables=7'];
    const before = await run(['health', '--only', 'SCH25', '--json', ...options, url], { environment: environment() });
    expect(before.json<HealthReport>().checks[0]?.thresholds?.map(({ value }) => value)).toEqual([2, 7]);
  });

  it('says how many checks could tell, and how many there are', async () => {
    const { stdout } = await health('--only', 'SCH01,REP01', '--fail-on', 'never');
    const [headline, counts] = stdout.split('\n');
    expect(headline).toMatch(/^shop on PostgreSQL 15\.[^:]+: 2 checks, score 95 of 100 by the 1 that could tell, in /);
    expect(counts).toMatch(/^0 critical, 2 warnings, 0 notes, /);
    expect((await health('--only', 'SCH01')).stdout).toContain(': 1 check, score 95');
  });

  it('counts and says what is not listed', async () => {
    await server.createDatabase('long');
    await server.run(keyless(203), 'long');
    const args = ['health', url.replace(/shop$/, 'long'), '--only', 'SCH01', '--fail-on', 'warning'];
    const { stdout } = await run(args, { environment: environment() });
    expect(stdout).toContain('203 warnings');
    expect(stdout).toContain('3 more findings are not listed.');
    const listed = [...stdout.matchAll(/^warning {2}SCH01 {2}Table (\S+)/gm)].map(([, name = '']) => name);
    const rules = await write('rules.json', JSON.stringify({ suppressions: listed.map((name) => ruleFor(name)) }));
    const rest = await run([...args, '--rules', rules], { environment: environment() });
    expect([listed.length, rest.code]).toEqual([200, 1]);
    expect(rest.stdout).toContain('3 warnings');
  });

  it('says what cannot be compared with a baseline, and counts what it did not ask', async () => {
    const baseline = path.join(folder, 'baseline.json');
    await health('--only', 'SCH25', '--json', '--output', baseline);
    const args = ['--only', 'SCH01,SCH25', '--fail-on', 'warning', '--baseline', baseline];
    const text = await health(...args);
    expect(text.code).toBe(1);
    expect(text.stdout).toContain('public.bare has no primary key. [new]');
    expect(text.stdout).toMatch(/^not compared SCH01 .*The report before did not ask it\.$/m);
    expect((await health(...args, '--json')).json<{ unsure: object[] }>().unsure).toHaveLength(1);
  });

  it('fails in JUnit only for what is new since a baseline, which may begin with a byte order mark', async () => {
    const baseline = path.join(folder, 'baseline.json');
    await health('--only', 'SCH01', '--json', '--output', baseline);
    await writeFile(baseline, `\uFEFF${await readFile(baseline, 'utf8')}`);
    const args = ['--only', 'SCH01', '--fail-on', 'warning', '--baseline', baseline, '--format', 'junit'];
    const { code, stdout } = await health(...args);
    expect(code).toBe(0);
    expect(stdout).toContain('failures="0"');
    expect(stdout).toContain('<system-out>warning: Table public.');
  });

  it.skipIf(process.platform === 'win32')('answers the same to a reader that closes the pipe', async () => {
    const launcher = path.join(fileURLToPath(new URL('../..', import.meta.url)), 'bin', 'steward.js');
    const script = `"$0" "$1" health "$2" --only SCH01 --fail-on warning | true; echo "\${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', script, process.execPath, launcher, url], {
      env: { PATH: process.env['PATH'], ...environment() },
    });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    await new Promise((resolve) => child.once('close', resolve));
    expect(stdout.trim()).toBe('1');
  });
});
