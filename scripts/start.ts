import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { buildIfStale } from './build-if-stale.ts';

buildIfStale();
const electron = electronBinary();
const args = process.argv.slice(2);
const child = electron
  ? spawn(electron, ['.', ...args], { stdio: 'inherit' })
  : spawn(process.execPath, [path.join('out', 'main', 'headless.js'), ...args], { stdio: 'inherit' });
if (!electron)
  process.stderr.write(
    'The Electron binary is not installed here (npx install-electron gets it), so Steward runs in your browser.\n',
  );
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill(name));
child.on('exit', (code) => process.exit(code ?? 0));

/** Electron keeps its program in its package once it has been downloaded, and its name in path.txt. */
function electronBinary(): string | undefined {
  const folder = path.join('node_modules', 'electron');
  const name = path.join(folder, 'path.txt');
  if (!existsSync(name)) return undefined;
  const program = path.join(folder, 'dist', readFileSync(name, 'utf8').trim());
  return existsSync(program) ? program : undefined;
}
