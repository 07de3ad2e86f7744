import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const stamp = path.join('out', '.built');
const sources = ['electron', 'renderer', 'migrations', 'package.json', 'package-lock.json', 'electron.vite.config.ts'];

/** Builds `out/` when a source is newer than the last build. Exits when the build fails. */
export function buildIfStale(): void {
  const newest = Math.max(...sources.map(newestChange));
  const built = existsSync(stamp) ? Number(readFileSync(stamp, 'utf8')) : 0;
  if (built >= newest) return;
  process.stderr.write('Building…\n');
  const cli = path.join('node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const { status } = spawnSync(process.execPath, [cli, 'build', '--logLevel', 'warn'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(stamp, String(newest));
}

function newestChange(target: string): number {
  const found = statSync(target);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(target).map((name) => newestChange(path.join(target, name))));
}

if (import.meta.main) buildIfStale();
