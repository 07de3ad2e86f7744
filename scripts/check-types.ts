import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

// One compiler run a layer: each has its own `types` and `lib`, so that what does not belong there does not compile.
const { references } = JSON.parse(readFileSync('tsconfig.json', 'utf8')) as { references: { path: string }[] };
const compiler = path.join('node_modules', '@typescript', 'native', 'bin', 'tsc');
let failed = false;
for (const { path: layer } of references) {
  const { status } = spawnSync(process.execPath, [compiler, '--project', layer], { stdio: 'inherit' });
  if (status !== 0) failed = true;
}
const preload = spawnSync(process.execPath, [compiler, '--project', 'electron/hosts/desktop/tsconfig.preload.json'], {
  stdio: 'inherit',
});
process.exitCode = failed || preload.status !== 0 ? 1 : 0;
