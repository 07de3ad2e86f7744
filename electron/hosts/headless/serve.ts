import path from 'node:path';

import { toFailure } from '../../postgres/failure.ts';
import { defaultDataDirectory } from '../../services/settings/index.ts';
import { type HeadlessHost, startHeadless } from './headless-host.ts';

/**
 * Runs the headless host until it is told to stop. The first line on stdout is the URL; SIGINT, SIGTERM and SIGHUP
 * end it cleanly. Resolves with an exit code when it cannot start.
 */
export async function serve(options: {
  port: number;
  dataDirectory?: string | undefined;
  passphrase?: string | undefined;
}): Promise<void> {
  let host: HeadlessHost;
  try {
    if (!Number.isInteger(options.port) || options.port < 0 || options.port > 65_535)
      throw new TypeError('--port takes a number from 0 to 65535');
    host = await startHeadless({
      port: options.port,
      dataDirectory: options.dataDirectory === undefined ? defaultDataDirectory() : path.resolve(options.dataDirectory),
      passphrase: options.passphrase,
      onListening: (url) => process.stdout.write(`${url}\n`),
    });
  } catch (error) {
    const failure = toFailure(error);
    process.stderr.write(`${failure.message}\n${failure.hint ? `${failure.hint}\n` : ''}`);
    process.exitCode = 2;
    return;
  }
  process.stderr.write('Open this link in a browser on this machine; it works once. Ctrl+C stops Steward.\n');
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    const exit = () => process.exit(0);
    host[Symbol.asyncDispose]().then(exit, exit);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
}
