import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { _electron } from '@playwright/test';
import { expect, it } from 'vitest';

import { temporaryFolder } from '../support/app.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('the preload is CommonJS, small, and asks for electron alone: a sandboxed window loads nothing else', () => {
  const text = readFileSync(path.join(root, 'out/preload/preload.cjs'), 'utf8');
  expect(text).not.toMatch(/^\s*(import|export)\s/m);
  expect([...text.matchAll(/require\(["'`]([^"'`]+)["'`]\)/g)].map((match) => match[1])).toEqual(['electron']);
  expect(text.length).toBeLessThan(4000);
});

it('the main process and every worker are built beside each other', () => {
  for (const name of [
    'desktop',
    'headless',
    'cli',
    'sql-parser-worker',
    'dump-worker',
    'plan-worker',
    'migration-worker',
    'unlock-key-worker',
  ]) {
    expect(existsSync(path.join(root, 'out/main', `${name}.js`)), name).toBe(true);
  }
});

it('the page has no inline script and loads nothing from elsewhere', () => {
  const html = readFileSync(path.join(root, 'out/renderer/index.html'), 'utf8');
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/);
  expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
});

const program = (() => {
  const folder = path.join(root, 'node_modules/electron');
  const name = path.join(folder, 'path.txt');
  return existsSync(name) ? path.join(folder, 'dist', readFileSync(name, 'utf8').trim()) : undefined;
})();
const there = program !== undefined && existsSync(program);
if (!there) process.stderr.write('skipped: the desktop shell: the Electron binary is not installed here\n');

it.skipIf(!there)(
  `the desktop shell starts, shows the app and stops${there ? '' : ' (skipped: the Electron binary is not installed here)'}`,
  async () => {
    const app = await _electron.launch({
      args: [root, '--no-sandbox'],
      env: { ...(process.env as Record<string, string>), STEWARD_DATA_DIR: await temporaryFolder() },
    });
    const window = await app.firstWindow();
    await window.getByRole('button', { name: 'Add connection' }).first().waitFor();
    expect(await window.evaluate(() => 'require' in globalThis)).toBe(false);
    await app.close();
  },
);
