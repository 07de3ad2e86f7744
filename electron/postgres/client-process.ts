import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import type { ConnectParameters } from './connect-parameters.ts';
import { StewardError } from './failure.ts';
import { expandHome } from './tls-options.ts';

const killAfterMs = 5000;

export interface ClientProcessOptions {
  readonly parameters: ConnectParameters;
  /** The session's name on the server, by which leftovers are found. */
  readonly applicationName: string;
  readonly signal: AbortSignal;
  /** Each line that the tool prints to its standard error. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs pg_dump, pg_restore or the like against a server. Where to connect goes through the environment and the
 * password through a file that only this user can read and that is gone afterwards: nothing secret is in the arguments.
 * On abort the whole process group gets SIGTERM, and SIGKILL five seconds later.
 */
export async function runClientProcess(
  program: string,
  args: readonly string[],
  options: ClientProcessOptions,
): Promise<void> {
  const { parameters, signal } = options;
  signal.throwIfAborted();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'steward-pass-'));
  const lastLines: string[] = [];
  try {
    const passFile = path.join(folder, 'pgpass');
    await writeFile(passFile, `*:*:*:*:${(parameters.password ?? '').replaceAll(/[\\:]/g, String.raw`\$&`)}\n`, {
      mode: 0o600,
    });
    // An abort while the file was being written has called nobody.
    signal.throwIfAborted();
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: process.platform !== 'win32',
      cwd: '/',
      env: clientEnvironment(parameters, passFile, options.applicationName),
    });
    const stop = () => terminate(child);
    signal.addEventListener('abort', stop, { once: true });
    try {
      readLines(child, (line) => {
        lastLines.push(line);
        if (lastLines.length > 40) lastLines.shift();
        options.onLine?.(line);
      });
      const { code, killedBy } = await ended(child);
      signal.throwIfAborted();
      if (code !== 0) throw toolFailure(path.basename(program), code, killedBy, lastLines);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function clientEnvironment(
  parameters: ConnectParameters,
  passFile: string,
  applicationName: string,
): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    LC_ALL: 'C',
    TZ: process.env['TZ'],
    ...(process.env['SYSTEMROOT'] ? { SYSTEMROOT: process.env['SYSTEMROOT'] } : {}),
    PGHOST: parameters.host,
    // Through a tunnel: the near end is knocked at, and the certificate still has to carry the server's own name.
    ...(parameters.address ? { PGHOSTADDR: parameters.address.host } : {}),
    PGPORT: String((parameters.address ?? parameters).port),
    PGDATABASE: parameters.database,
    PGUSER: parameters.user,
    PGSSLMODE: parameters.sslMode,
    ...(parameters.sslRootCert ? { PGSSLROOTCERT: expandHome(parameters.sslRootCert) } : {}),
    ...(parameters.sslCert ? { PGSSLCERT: expandHome(parameters.sslCert) } : {}),
    ...(parameters.sslKey ? { PGSSLKEY: expandHome(parameters.sslKey) } : {}),
    ...(parameters.sslCrl ? { PGSSLCRL: expandHome(parameters.sslCrl) } : {}),
    PGPASSFILE: passFile,
    PGAPPNAME: applicationName,
    PGCONNECT_TIMEOUT: String(Math.max(2, Math.ceil(parameters.connectTimeoutMs / 1000))),
  };
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  child.stderr?.on('end', () => {
    if (rest) onLine(rest);
  });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; killedBy: string | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killedBy) => resolve({ code, killedBy }));
  });
}

function terminate(child: ChildProcess): void {
  const send = (name: NodeJS.Signals) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      if (process.platform === 'win32') child.kill(name);
      else process.kill(-child.pid, name);
    } catch {
      // It ended between the two: nothing left to stop.
    }
  };
  send('SIGTERM');
  setTimeout(() => send('SIGKILL'), killAfterMs).unref();
}

function toolFailure(
  tool: string,
  code: number | null,
  killedBy: string | null,
  lines: readonly string[],
): StewardError {
  const errors = lines.filter((line) => /error|fatal|could not|server closed|terminated/i.test(line));
  const words = (errors.length > 0 ? errors : lines).slice(-6).join('\n');
  if (killedBy) return StewardError.of('tool_failed', `${tool} was ended by ${killedBy}`, { retryable: true });
  const lost = /server closed the connection|terminating connection|could not connect|Connection refused/i.test(words);
  const full = /No space left on device|Disk quota exceeded|File too large/i.test(words);
  return StewardError.of(
    lost ? 'connection_lost' : full ? 'input_output' : 'tool_failed',
    words || `${tool} ended with code ${code}`,
    {
      hint: lost
        ? 'The server went away. Nothing was left behind; try again when it is back.'
        : full
          ? 'The disk is full. Nothing was left behind; make room or choose another folder.'
          : `${tool} ended with code ${code}.`,
      retryable: lost || full,
    },
  );
}
