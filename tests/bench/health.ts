import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';

import pg from 'pg';

import type { ActivitySample } from '#contract/activity.ts';
import type { HealthReport } from '#contract/health-model.ts';
import { runHealthReport } from '../../electron/services/health/index.ts';
import { type TestApp, draftFor, startApp } from '../support/app.ts';
import { loadShared } from '../support/databases.ts';
import { PgCatalogReader } from '../support/pg-catalog-reader.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { sharedFolder } from '../support/shared-folder.ts';
import { until } from '../support/until.ts';

export type Add = (
  what: string,
  ours: string,
  peer: string,
  ratio: string,
  wanted: string,
  holds: boolean | null,
) => void;

const median = (values: readonly number[]) =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
/** A tick of /proc, ms. */
const tickMs = 10;

/** A whole report on 1,601 tables with 4,839 indexes: time, CPU of the server, and what it holds up in the host. */
export async function measureHealthReport(add: Add): Promise<void> {
  if (sharedFolder() === null) return;
  // The default of PostgreSQL: with the 32 MB of other tests its catalogs do not fit, and reading them anew is measured.
  await using server = await startTestServer({ settings: { autovacuum: 'off', shared_buffers: '128MB' } });
  await loadShared(server, 'combined');
  // As autovacuum leaves it after a minute or two; it is off so that its work does not count as ours or the peer's.
  await server.run('vacuum analyze', 'combined');
  await using app = await startApp({ transport: 'MessagePort' });
  const { id } = await app.client.connections.save(draftFor(server, { database: 'combined' }));
  await app.client.connections.open({ id });
  const postmaster = await postmasterOf(server);
  const walls: number[] = [];
  const cpus: number[] = [];
  const delays: number[] = [];
  let report: HealthReport | undefined;
  for (let round = 0; round < 6; round += 1) {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    const cpu = serverCpuMs(postmaster);
    const started = performance.now();
    delay.enable();
    report = await wholeReport(app, id);
    delay.disable();
    // The first one warms what is warm on a server that works.
    if (round > 0) {
      walls.push(performance.now() - started);
      // Its sessions end soon after it, and only then all of their time is told.
      await wait(500);
      cpus.push(serverCpuMs(postmaster) - cpu);
      delays.push(delay.percentile(99) / 1e6);
    }
  }
  const findings = report?.checks.reduce((sum, check) => sum + check.findings.length, 0) ?? 0;
  add(
    `Health report on combined: ${report?.checks.length} checks, ${findings} findings`,
    seconds(median(walls)),
    'no peer reads as much',
    '–',
    '≤ 3 s',
    median(walls) <= 3000,
  );
  // How fast this machine is now tells what it takes to read the same catalogs in another way.
  const cpu = serverCpuMs(postmaster);
  const dump = spawnSync('pg_dump', ['--schema-only', '--file=/dev/null', server.url('combined')]);
  await wait(500);
  const dumped = serverCpuMs(postmaster) - cpu;
  const ratio = median(cpus) / dumped;
  add(
    'CPU of the server for it',
    seconds(median(cpus)),
    dump.status === 0 ? `pg_dump --schema-only: ${seconds(dumped)}` : 'pg_dump failed',
    dump.status === 0 ? `${ratio.toFixed(2)} ×` : '–',
    '≤ 1 s',
    median(cpus) <= 1000,
  );
  add(
    'Delay of the host’s loop meanwhile, 99th percentile',
    `${median(delays).toFixed(0)} ms`,
    '–',
    '–',
    '≤ 20 ms',
    median(delays) <= 20,
  );
}

async function wholeReport(app: TestApp, connectionId: string): Promise<HealthReport> {
  for await (const event of await app.client.health.run({ connectionId }))
    if (event.kind === 'report') return event.report;
  throw new Error('no report');
}

/** What Activity costs a server with 500 sessions, and its beat with 10,000 locks and a queue. */
export async function measureActivity(add: Add): Promise<void> {
  await using server = await startTestServer({
    settings: { max_connections: '600', max_locks_per_transaction: '400', autovacuum: 'off' },
  });
  await using app = await startApp({ transport: 'MessagePort' });
  const { id } = await app.client.connections.save(draftFor(server));
  const clients: pg.Client[] = [];
  const session = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: server.url() });
    client.on('error', () => {});
    await client.connect();
    clients.push(client);
    return client;
  };
  for (let count = 0; count < 500; count += 1) await (await session()).query(`select ${count}`);
  const stop = new AbortController();
  const samples: ActivitySample[] = [];
  const watching = (async () => {
    for await (const event of await app.client.activity.watch({ connectionId: id }, { signal: stop.signal }))
      if (event.kind === 'sample') samples.push(event.sample);
  })().catch(() => {});
  await until(() => samples.length >= 5);
  const [own] = await server.run(`select pid from pg_stat_activity where application_name = 'steward activity'`);
  const pid = Number(own?.['pid']);
  const cost = async (): Promise<number> => {
    const [cpu, started] = [processCpuMs(pid), performance.now()];
    await wait(30_000);
    return (processCpuMs(pid) - cpu) / (performance.now() - started);
  };
  const idle = await cost();
  add('Activity at 1 s, 500 sessions: share of a core', percent(idle), '–', '–', '≤ 1 %', idle <= 0.01);

  await server.run(
    `do $$ begin for n in 1..2500 loop execute format('create table many_%s (id int primary key)', n); end loop; end $$`,
  );
  const holder = await session();
  await holder.query(
    `begin; do $$ begin for n in 1..2500 loop
       execute format('lock table many_%s in access share mode; lock table many_%s in row share mode; lock table many_%s in row exclusive mode; lock table many_%s in share update exclusive mode', n, n, n, n);
     end loop; end $$`,
  );
  const [locks] = await server.run('select count(*)::int as n from pg_locks');
  for (let count = 0; count < 20; count += 1)
    void (await session()).query('begin; lock table many_1 in access exclusive mode').catch(() => {});
  const from = samples.length;
  const locked = await cost();
  const spans = samples.slice(from).map(({ spanMs }) => spanMs ?? 0);
  const slowest = Math.max(...spans);
  add(
    `The same with ${String(locks?.['n'])} locks and a queue of 20`,
    percent(locked),
    '–',
    '–',
    '≤ 1 %',
    locked <= 0.01,
  );
  add(
    'Its beat meanwhile: median and slowest',
    `${median(spans).toFixed(0)} ms, ${slowest.toFixed(0)} ms`,
    '–',
    '–',
    '1 s, no beat lost',
    slowest < 2000,
  );
  stop.abort();
  await watching;
  await server.run(
    `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name = ''`,
  );
}

/** The planted defects of `health-defects.sql`, by the names that a tool would say. */
const planted = [
  'bad.full_serial',
  'bad.overflowing|bad.feeding',
  'bad.bloated',
  'bloated_v',
  'bad.switched_off',
  'bad.unlogged',
  'orders_placed_again',
  'bad.lines',
  'twice_v',
] as const;

interface Verdict {
  readonly right: number;
  readonly wrong: number;
  readonly ms: number;
}

const pgactivity = '/usr/lib/nagios/plugins/check_pgactivity';

/** The same planted defects, asked of Steward and of two open monitors, each with the checks that could find them. */
export async function measureAnchors(add: Add): Promise<void> {
  if (!existsSync('/usr/bin/check_postgres') || !existsSync(pgactivity)) {
    console.error('skipped: check_postgres and check_pgactivity are not installed (Debian packages of these names)');
    return;
  }
  await using server = await startTestServer({ settings: { autovacuum: 'off' } });
  await server.createDatabase('defects');
  await server.run(await readFile(new URL('health-defects.sql', import.meta.url), 'utf8'), 'defects');
  await server.run('vacuum', 'defects');
  await server.run('analyze', 'defects');
  await server.run('create unique index concurrently twice_v on bad.twice (v)', 'defects').catch(() => {});
  const ours = await askSteward(server);
  const peers: readonly (readonly [string, Verdict])[] = [
    ['check_postgres 2.25', askCheckPostgres(server)],
    ['check_pgactivity 2.6', askPgActivity(server)],
  ];
  for (const [name, peer] of peers) {
    add(
      `${planted.length} planted defects against ${name}: found, wrong`,
      `${ours.right} found, ${ours.wrong} wrong, ${seconds(ours.ms)}`,
      `${peer.right} found, ${peer.wrong} wrong, ${seconds(peer.ms)}`,
      `${(ours.ms / peer.ms).toFixed(2)} ×`,
      'more found, fewer wrong, no slower',
      ours.right > peer.right && ours.wrong <= peer.wrong && ours.ms <= peer.ms,
    );
  }
}

/** What names a defect is right; what names something of schema `fine` is wrong. */
function judge(alerts: readonly string[], ms: number): Verdict {
  const text = alerts.join('\n');
  const right = planted.filter((name) => new RegExp(name.replaceAll('.', String.raw`\.`)).test(text)).length;
  const wrong = new Set(text.match(/\bfine\.\w+/g)).size;
  return { right, wrong, ms };
}

async function askSteward(server: TestServer): Promise<Verdict> {
  const only = ['SEQ01', 'SEQ02', 'TAB01', 'TAB16', 'TAB18', 'IDX03', 'IDX04', 'IDX05', 'IDX07', 'IDX08', 'IDX15'];
  const started = performance.now();
  await using reader = await PgCatalogReader.open(server.url('defects'));
  const report = await runHealthReport([reader], { only });
  const alerts = report.checks.flatMap((check) => check.findings.map(({ object, message }) => `${object} ${message}`));
  return judge(alerts, performance.now() - started);
}

function askCheckPostgres(server: TestServer): Verdict {
  const asked = [['bloat', '--warning=10M', '--critical=100M'], ['sequence'], ['disabled_triggers'], ['hitratio']];
  const started = performance.now();
  const alerts = asked.flatMap(([action = '', ...options]) => {
    const { status, stdout } = spawnSync(
      'check_postgres',
      [
        '-H',
        server.host,
        '-p',
        String(server.port),
        '-db',
        'defects',
        '-u',
        server.user,
        '--action',
        action,
        ...options,
      ],
      { env: { ...process.env, PGPASSWORD: server.password }, encoding: 'utf8' },
    );
    // What stands behind the bar are numbers of everything.
    return status === 1 || status === 2 ? [stdout.split('|')[0] ?? ''] : [];
  });
  return judge(alerts, performance.now() - started);
}

function askPgActivity(server: TestServer): Verdict {
  const asked = [
    ['table_bloat', '-w', '40%', '-c', '60%'],
    ['btree_bloat', '-w', '40%', '-c', '60%'],
    ['invalid_indexes'],
    ['sequences_exhausted', '-w', '80%', '-c', '90%'],
    ['table_unlogged'],
  ];
  const started = performance.now();
  const alerts = asked.flatMap(([service = '', ...options]) => {
    const { status, stdout } = spawnSync(
      pgactivity,
      [
        '-h',
        server.host,
        '-p',
        String(server.port),
        '-d',
        'defects',
        '-U',
        server.user,
        '-s',
        service,
        '-F',
        'human',
        '--dbinclude',
        '^defects$',
        ...options,
      ],
      { env: { ...process.env, PGPASSWORD: server.password }, encoding: 'utf8' },
    );
    return status === 1 || status === 2 ? stdout.split('\n').filter((line) => line.startsWith('Long message')) : [];
  });
  return judge(alerts, performance.now() - started);
}

async function postmasterOf(server: TestServer): Promise<number> {
  const [row] = await server.run(`select pid from pg_stat_activity where backend_type = 'checkpointer'`);
  return Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${String(row?.['pid'])}/status`, 'utf8'))?.[1]);
}

/** The fields of /proc/PID/stat after the name, which may hold blanks. */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function processCpuMs(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** Of all processes of a server, those that have ended included. */
function serverCpuMs(postmaster: number): number {
  const ended = statOf(postmaster);
  let total = (Number(ended[13]) + Number(ended[14])) * tickMs;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (Number(statOf(Number(name))[1]) === postmaster) total += processCpuMs(Number(name));
    } catch {
      // It ended meanwhile, and its parent has its time.
    }
  }
  return total;
}
