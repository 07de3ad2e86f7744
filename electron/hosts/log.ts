import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';

import { type Logger, pino } from 'pino';

/**
 * Writes Steward's log into the data folder. Messages are words of ours and failures, never statements; whatever
 * `redact` knows is taken out of every text before it is written.
 */
export function createLog(dataDirectory: string, redact: (text: string) => string): Logger {
  const folder = path.join(dataDirectory, 'logs');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, 'steward.log');
  const destination = pino.destination({ dest: file, append: true, sync: true });
  chmodSync(file, 0o600);
  return pino(
    {
      base: { pid: process.pid },
      redact: ['password', '*.password', 'error.password'],
      hooks: {
        logMethod(args, method) {
          method.apply(this, args.map((argument) => redactDeep(argument, redact)) as Parameters<typeof method>);
        },
      },
    },
    destination,
  );
}

/** Every text inside a value, redacted. Errors become their name and message; numbers and keys stay. */
function redactDeep(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (value instanceof Error) return { name: value.name, message: redact(value.message) };
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactDeep(item, redact)]));
}
