import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';

import { type Logger, pino } from 'pino';

/** Writes Steward's log into the data folder. Messages are words of ours and failures, never statements or secrets. */
export function createLog(dataDirectory: string): Logger {
  const folder = path.join(dataDirectory, 'logs');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, 'steward.log');
  const destination = pino.destination({ dest: file, append: true, sync: true });
  chmodSync(file, 0o600);
  return pino({ base: { pid: process.pid }, redact: ['password', '*.password', 'error.password'] }, destination);
}
