import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { chromium } from '@playwright/test';

import { buildIfStale } from '../../scripts/build-if-stale.ts';
import { places } from '../../electron/hosts/places.ts';
import * as catalogQueries from '../../electron/services/schema/queries/catalog-queries.ts';
import { builtInDumpLimitBytes } from '../../electron/postgres/built-in-dump/index.ts';
import { draftFor, jobEnd, startApp, temporaryFolder } from '../support/app.ts';
import { chromiumArguments, chromiumPath } from '../support/chromium.ts';
import { measureComeback, measureOpening } from './connections.ts';
import { measureActivity, measureAnchors, measureHealthReport } from './health.ts';
import { measurePlans } from './plans.ts';
import { loadShared } from '../support/databases.ts';
import { startTestServer } from '../support/postgres-server.ts';
import { sharedFolder } from '../support/shared-folder.ts';

// Ratios against a peer that is run here and now; seconds are for orientation.
interface Line {
  readonly what: string;
  readonly ours: string;
  readonly peer: string;
  readonly ratio: string;
  readonly wanted: string;
  readonly holds: boolean | null;
}

let lines: Line[] = [];
const median = (values: readonly number[]) =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;

/** What can be measured by itself: `npm run bench -- plans start`. Without names, everything. */
const groups: Readonly<Record<string, readonly (() => Promise<void> | void)[]>> = {
  start: [measureStart, measureInitialScripts],
  catalog: [measureCatalog],
  backup: [measureBackup, measureBuiltInDump],
  connections: [measureConnections],
  fleet: [measureFleet],
  plans: [() => measurePlans(add)],
  health: [() => measureHealthReport(add), () => measureAnchors(add), () => measureActivity(add)],
};
const resultsFile = fileURLToPath(new URL('./results.md', import.meta.url));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(groups, name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')} to measure: ${Object.keys(groups).join(', ')}`);
  process.exit(2);
}

buildIfStale();
for (const [name, measures] of Object.entries(groups)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  lines = [];
  for (const measure of measures) await measure();
  report(name);
}

async function measureStart(): Promise<void> {
  const data = await temporaryFolder();
  const ready: number[] = [];
  const interactive: number[] = [];
  let residentMb = 0;
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: [...chromiumArguments],
  });
  for (let run = 0; run < 6; run += 1) {
    const started = performance.now();
    const host = spawn(process.execPath, [path.join(places.root, 'out/main/headless.js'), '--data-dir', data], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const url = await new Promise<string>((resolve) =>
      host.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().split('\n')[0] ?? '')),
    );
    const readyMs = performance.now() - started;
    const page = await browser.newPage();
    const opened = performance.now();
    await page.goto(url);
    await page
      .getByRole('button', { name: /add connection/i })
      .first()
      .waitFor();
    const interactiveMs = performance.now() - opened;
    // The first start makes the local server: only those after it are warm.
    if (run > 0) {
      ready.push(readyMs);
      interactive.push(interactiveMs);
    }
    await page.close();
    await wait(4000);
    residentMb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${host.pid}/status`, 'utf8'))?.[1]) / 1024;
    host.kill('SIGTERM');
    await new Promise((resolve) => host.once('exit', resolve));
  }
  await browser.close();
  rmSync(data, { recursive: true, force: true });
  const bare = median(Array.from({ length: 5 }, () => timed(() => spawnSync(process.execPath, ['-e', '']))));
  add(
    'Headless host ready, warm',
    seconds(median(ready)),
    `bare node ${seconds(bare)}; DbGate 0.63 s elsewhere`,
    ratio(median(ready), bare),
    '≤ 1.0 s',
    median(ready) <= 1000,
  );
  add('Page interactive after that', seconds(median(interactive)), '–', '–', '≤ 1.0 s', median(interactive) <= 1000);
  add(
    'Host resident, idle, store open',
    `${residentMb.toFixed(0)} MB`,
    'DbGate 127 MB elsewhere',
    '–',
    '≤ 150 MB',
    residentMb <= 150,
  );
}

function measureInitialScripts(): void {
  const html = readFileSync(path.join(places.renderer, 'index.html'), 'utf8');
  const scripts = [...html.matchAll(/(?:src|href)="\.?(\/assets\/[^"]+\.js)"/g)].map((match) =>
    path.join(places.renderer, match[1] ?? ''),
  );
  const bytes = scripts.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
  add('Initial JavaScript, gzip', `${(bytes / 1000).toFixed(0)} kB`, '–', '–', '≤ 400 kB', bytes <= 400_000);
}

async function measureCatalog(): Promise<void> {
  if (sharedFolder() === null) return;
  await using server = await startTestServer();
  await loadShared(server, 'combined');
  await server.run('analyze', 'combined');
  await using app = await startApp();
  const { id } = await app.client.connections.save(draftFor(server, { database: 'combined' }));
  await app.client.connections.open({ id });
  const folder = await temporaryFolder();
  const file = path.join(folder, 'catalog.sql');
  // The same session settings too: with JIT, psql would be slower.
  writeFileSync(
    file,
    `set jit = off;\n${[catalogQueries.schemasQuery, catalogQueries.relationsQuery, catalogQueries.functionsQuery, catalogQueries.typesQuery, catalogQueries.extensionsQuery, 'select pg_database_size(current_database())'].join(';\n')};\n`,
  );
  const environment = {
    PATH: process.env['PATH'],
    PGHOST: server.host,
    PGPORT: String(server.port),
    PGUSER: server.user,
    PGPASSWORD: server.password,
    PGDATABASE: 'combined',
  };
  const psql = () =>
    timed(() =>
      execFileSync('psql', ['--quiet', '--no-psqlrc', '--no-align', '--tuples-only', '--file', file], {
        env: environment,
        maxBuffer: 512 * 1024 * 1024,
      }),
    );
  const dump = () =>
    timed(() => execFileSync('pg_dump', ['--schema-only'], { env: environment, maxBuffer: 512 * 1024 * 1024 }));
  const own = async () => {
    const started = performance.now();
    await app.client.schema.catalog({ connectionId: id });
    return performance.now() - started;
  };
  await own();
  psql();
  const [ours, peers]: [number[], number[]] = [[], []];
  for (let run = 0; run < 5; run += 1) {
    ours.push(await own());
    peers.push(psql());
  }
  const relations = (await app.client.schema.catalog({ connectionId: id })).relations.length;
  add(
    `Catalog of combined (${relations} relations) through the app`,
    seconds(median(ours)),
    `psql, same queries ${seconds(median(peers))}; DbGate 1.1 s elsewhere`,
    ratio(median(ours), median(peers)),
    '≤ 1.5 × psql',
    median(ours) <= 1.5 * median(peers),
  );
  add(
    '… against pg_dump --schema-only',
    seconds(median(ours)),
    `pg_dump ${seconds(dump())}`,
    '–',
    'for orientation',
    null,
  );
  rmSync(folder, { recursive: true, force: true });
}

async function measureBackup(): Promise<void> {
  await using server = await startTestServer();
  await server.createDatabase('big');
  await server.run(
    `create table item (id bigint primary key, name text, note text, at timestamptz);
    insert into item select n, md5(n::text), repeat(md5((n * 7)::text), 6), now() from generate_series(1, 1200000) n; create index on item (name); analyze item`,
    'big',
  );
  await using app = await startApp();
  const { id } = await app.client.connections.save(draftFor(server, { database: 'big' }));
  const folder = await temporaryFolder();
  const environment = {
    PATH: process.env['PATH'],
    PGHOST: server.host,
    PGPORT: String(server.port),
    PGUSER: server.user,
    PGPASSWORD: server.password,
    PGDATABASE: 'big',
  };
  const bare = (run: number) =>
    timed(() =>
      execFileSync('/usr/lib/postgresql/15/bin/pg_dump', ['--format=custom', `--file=${folder}/bare-${run}.dump`], {
        env: environment,
      }),
    );
  const own = async () => {
    await jobEnd(app.client, (await app.client.backups.start({ connectionId: id, directory: folder })).jobId);
    const [newest] = await app.client.backups.list({});
    return (JSON.parse(readFileSync(newest?.manifest ?? '', 'utf8')) as { writtenMs: number }).writtenMs;
  };
  bare(99);
  const [ours, peers]: [number[], number[]] = [[], []];
  for (let run = 0; run < 5; run += 1) {
    peers.push(bare(run));
    ours.push(await own());
  }
  const speed = median(peers) / median(ours);
  add(
    'Backup to written, PostgreSQL 15, custom format',
    seconds(median(ours)),
    `bare pg_dump ${seconds(median(peers))}`,
    `${speed.toFixed(2)} of its speed`,
    '≥ 0.97',
    speed >= 0.97,
  );
  rmSync(folder, { recursive: true, force: true });
}

/** How much memory the built-in dump takes at its limit: run in a process of its own, whose peak the kernel tells. */
async function measureConnections(): Promise<void> {
  const { ours, psql } = await measureOpening();
  add(
    'A connection opened through the app, and `psql -c "select 1"` over the same path',
    `${ours.toFixed(0)} ms`,
    `${psql.toFixed(0)} ms`,
    ratio(ours, psql),
    '≤ 1.3 ×',
    ours / psql <= 1.3,
  );
  const { refused, stalled } = await measureComeback();
  add('Open again after the network is back: it had refused', seconds(refused), '–', '–', '≤ 2 s', refused <= 2000);
  add('… it had swallowed everything', seconds(stalled), '–', '–', '≤ 2 s', stalled <= 2000);
}

async function measureBuiltInDump(): Promise<void> {
  await using server = await startTestServer({ major: 18 });
  await server.createDatabase('limit');
  const rows = Math.round(builtInDumpLimitBytes / 260);
  await server.run(
    `create table item (id bigint, note text); insert into item select n, repeat(md5(n::text), 6) from generate_series(1, ${rows}) n`,
    'limit',
  );
  const [size] = await server.run('select pg_database_size(current_database())::text as bytes', 'limit');
  const folder = await temporaryFolder();
  const started = performance.now();
  const target = `postgresql://${server.user}@${server.host}:${server.port}/limit`;
  const child = spawn(
    process.execPath,
    [path.join(places.root, 'bin/steward.js'), 'backup', target, '--to', folder, '--tool', 'built-in'],
    {
      stdio: 'ignore',
      env: { ...process.env, PGPASSWORD: server.password, STEWARD_DATA_DIR: folder },
    },
  );
  let running = true;
  child.once('exit', () => (running = false));
  let peakKb = 0;
  while (running) {
    try {
      peakKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? peakKb);
    } catch {
      // It has just ended.
      break;
    }
    await wait(50);
  }
  const tookMs = performance.now() - started;
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  const megabytes = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
  add(
    `Built-in dump of ${megabytes(Number(size?.['bytes']))} (its limit is ${megabytes(builtInDumpLimitBytes)})`,
    `${seconds(tookMs)}, ${megabytes(statSync(path.join(folder, files[0] ?? '.')).size)} of SQL`,
    `peak of memory ${megabytes(peakKb * 1024)}`,
    '–',
    'for orientation',
    files.length === 1 ? null : false,
  );
  rmSync(folder, { recursive: true, force: true });
}

/** Thirty connections to two local servers; then what the host costs while the page stays open and nothing is due. */
async function measureFleet(): Promise<void> {
  await using old = await startTestServer();
  await using recent = await startTestServer({ major: 18 });
  await using app = await startApp();
  for (let number = 0; number < 30; number += 1)
    await app.client.connections.save(draftFor(number % 2 === 0 ? old : recent, { name: `server ${number}` }));
  await app.client.fleet.refresh({});
  const runs: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    const started = performance.now();
    await app.client.fleet.refresh({});
    runs.push(performance.now() - started);
  }
  add('Fleet of 30 checked', seconds(median(runs)), '–', '–', '≤ 3 s', median(runs) <= 3000);
  const stop = new AbortController();
  const watching = (async () => {
    for await (const _ of await app.client.fleet.watch(undefined, { signal: stop.signal }));
  })().catch(() => {});
  await wait(1000);
  const idleMs = 10_000;
  const before = process.cpuUsage();
  await wait(idleMs);
  const { user, system } = process.cpuUsage(before);
  const share = (user + system) / 1000 / idleMs;
  stop.abort();
  await watching;
  add(
    '… processor while it is watched and nothing is due',
    `${(share * 100).toFixed(2)} %`,
    '–',
    '–',
    '≤ 1 %',
    share <= 0.01,
  );
}

function add(what: string, ours: string, peer: string, compared: string, wanted: string, holds: boolean | null): void {
  lines.push({ what, ours, peer, ratio: compared, wanted, holds });
  console.log(`${holds === null ? ' ' : holds ? '✓' : '✗'} ${what}: ${ours} (${peer}; ${compared}; wanted ${wanted})`);
}

function ratio(ours: number, peer: number): string {
  return `${(ours / peer).toFixed(2)} ×`;
}

function timed(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

/** Writes the lines of a group in the place of those it had; the other groups' stay as they are. */
function report(group: string): void {
  const rows = lines.map(
    ({ what, ours, peer, ratio: compared, wanted, holds }) =>
      `| ${what} | ${ours} | ${peer} | ${compared} | ${wanted} | ${holds === null ? '' : holds ? 'yes' : '**no**'} |`,
  );
  const section = `## ${group}

${os.cpus().length} cores, Node ${process.version}.

| what | Steward | peer, same run | ratio | wanted | holds |
|---|---|---|---|---|---|
${rows.join('\n')}
`;
  const written = existsSync(resultsFile)
    ? readFileSync(resultsFile, 'utf8')
        .split(/^(?=## )/m)
        .slice(1)
    : [];
  const sections = new Map(written.map((text) => [/^## (.*)/.exec(text)?.[1] ?? '', `${text.trimEnd()}\n`]));
  sections.set(group, section);
  const text = `# Benchmarks

Written by \`npm run bench\`; \`npm run bench -- plans\` writes one group anew and leaves the others as they are.
Judged as ratios within one run; seconds are for orientation.

${Object.keys(groups)
  .flatMap((name) => sections.get(name) ?? [])
  .join('\n')}`;
  writeFileSync(resultsFile, text);
  if (lines.some(({ holds }) => holds === false)) process.exitCode = 1;
}
