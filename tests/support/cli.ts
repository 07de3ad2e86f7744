import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const launcher = path.join(fileURLToPath(new URL('../..', import.meta.url)), 'bin', 'steward.js');

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What was printed on stdout, as JSON. */
  json<Value = Record<string, never>>(): Value;
}

/** Runs the `steward` command as a user does, in a process of its own. */
export async function steward(
  args: readonly string[],
  options: { environment?: Record<string, string>; input?: string; node?: string } = {},
): Promise<CliResult> {
  const child = spawn(options.node ?? process.execPath, [launcher, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.environment },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(options.input ?? '');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, stdout, stderr, json: <Value>() => JSON.parse(stdout) as Value };
}
