import { spawn } from 'node:child_process';

import { StewardError } from '../../postgres/failure.ts';

const timeoutMs = 30_000;
const maxOutput = 64 * 1024;

/** What the command can know, as libpq's variables. */
export interface PasswordCommandTarget {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * Runs a command in the system's shell and answers the first line that it prints. The command learns whom it is for
 * from PGHOST, PGPORT, PGDATABASE and PGUSER. Throws `auth_failed` with what it said on its standard error, never with
 * what it printed; an empty answer is a failure, since an empty password is never sent.
 */
export async function runPasswordCommand(command: string, target: PasswordCommandTarget): Promise<string> {
  const child = spawn(command, {
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    env: {
      ...process.env,
      PGHOST: target.host,
      PGPORT: String(target.port),
      PGDATABASE: target.database,
      PGUSER: target.user,
    },
  });
  const stop = () => {
    try {
      if (process.platform === 'win32' || child.pid === undefined) child.kill('SIGKILL');
      else process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It ended between the two.
    }
    // A process that left the group, or a grandchild on Windows, lives on and holds them: `close` would never come.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  let output = '';
  let words = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    if (output.length < maxOutput) output += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    words = (words + chunk).slice(-2000);
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, timeoutMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => clearTimeout(timer));
  const password = output.split(/\r?\n/, 1)[0] ?? '';
  if (timedOut) throw refused(`The password command did not end within ${timeoutMs / 1000} s`, '');
  if (code !== 0) throw refused(`The password command ended with code ${code}`, words);
  if (password === '') throw refused('The password command printed nothing', words);
  return password;
}

function refused(message: string, words: string): StewardError {
  return StewardError.of('auth_failed', words.trim() ? `${message}: ${words.trim()}` : message, {
    hint: 'Run the command in a terminal to see what it says. Its first line on standard output is the password.',
    retryable: true,
  });
}
