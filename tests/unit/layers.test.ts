import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, expect, it, vi } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const planted: string[] = [];

afterEach(() => {
  for (const file of planted.splice(0)) rmSync(file);
});

// From a feature the cruise goes through the whole renderer.
vi.setConfig({ testTimeout: 240_000 });

// The check of the layers is worth nothing if it finds nothing: each rule is broken once here.
it.each([
  ['contract-knows-nobody', 'electron/contract/planted.ts', '../postgres/cluster.ts'],
  ['plan-core-is-pure', 'electron/plan-core/planted.ts', '../postgres/failure.ts'],
  ['plan-core-is-pure', 'electron/plan-core/insights/planted.ts', 'node:fs'],
  [
    'renderer-knows-the-contract-only',
    'renderer/src/features/plans/planted.ts',
    '../../../../electron/plan-core/index.ts',
  ],
  ['postgres-knows-no-service', 'electron/postgres/planted.ts', '../services/live-value.ts'],
  ['store-knows-only-migrations', 'electron/store/planted.ts', '../services/live-value.ts'],
  ['services-know-no-host', 'electron/services/planted.ts', '../hosts/places.ts'],
  ['services-by-their-index', 'electron/services/health/planted.ts', '../query/redact-secrets.ts'],
  ['rpc-knows-services', 'electron/rpc/planted.ts', '../hosts/places.ts'],
  ['desktop-and-headless-apart', 'electron/hosts/desktop/planted.ts', '../headless/http-server.ts'],
  ['renderer-knows-the-contract-only', 'renderer/src/planted.ts', '../../electron/services/live-value.ts'],
  ['features-apart', 'renderer/src/features/query/planted.ts', '../connections/form/connection-form.ts'],
  ['nothing-knows-tests', 'electron/services/planted.ts', '../../tests/support/until.ts'],
])('%s is found when it is broken', (rule, file, target) => {
  const full = path.join(root, file);
  writeFileSync(full, `export * from '${target}';\n`);
  planted.push(full);
  const { stdout, status } = spawnSync(
    process.execPath,
    ['node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.dependency-cruiser.mjs', file],
    { cwd: root, encoding: 'utf8' },
  );
  expect(stdout).toContain(rule);
  expect(status).not.toBe(0);
});
