import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

// Starts the app that `npm run package` made and waits until it has taken its data folder: its main process is up.
const places = [
  'dist/linux*-unpacked/steward',
  'dist/mac*/Steward.app/Contents/MacOS/Steward',
  'dist/win*-unpacked/Steward.exe',
];
let program: string | undefined;
for await (const found of glob(places)) program ??= found;
if (!program) {
  process.stderr.write('There is no packaged app in dist. Run npm run package first.\n');
  process.exit(2);
}
const data = mkdtempSync(path.join(os.tmpdir(), 'steward-packaged-'));
const app = spawn(path.resolve(program), ['--no-sandbox'], {
  stdio: 'inherit',
  env: { ...process.env, STEWARD_DATA_DIR: data },
});
let ended = false;
app.once('exit', () => (ended = true));
const end = Date.now() + 60_000;
while (!ended && !existsSync(path.join(data, 'owner.json')) && Date.now() < end) await wait(200);
const started = existsSync(path.join(data, 'owner.json'));
// One that opens and falls over at once has not started.
await wait(10_000);
const alive = !ended;
app.kill();
process.stdout.write(started && alive ? `${program} started\n` : `${program} did not start\n`);
process.exitCode = started && alive ? 0 : 1;
