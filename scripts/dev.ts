import { spawn } from 'node:child_process';
import path from 'node:path';

import { buildIfStale } from './build-if-stale.ts';

// The window is built again at each change, the host restarted: reload the page to see both.
buildIfStale();
const children = [
  spawn(process.execPath, [path.join('node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build', '--watch'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  }),
  spawn(
    process.execPath,
    ['--watch-path=electron', path.join('electron', 'hosts', 'headless', 'main.ts'), ...process.argv.slice(2)],
    { stdio: 'inherit' },
  ),
];
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    for (const child of children) child.kill(name);
  });
}
