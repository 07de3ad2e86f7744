import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The headless host in a process of its own, run from the sources. */
export interface HostProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** The first line it printed. */
  readonly url: string;
  readonly stderr: () => string;
  /** As a crash or the OOM killer ends it. */
  kill(): Promise<void>;
  stop(): Promise<number | null>;
}

/** The host as `npm start` runs it: from the build. */
export async function startBuiltHost(dataDirectory: string, args: readonly string[] = []): Promise<HostProcess> {
  return startHostProcess(dataDirectory, {}, 'out/main/headless.js', args);
}

/** Starts it and waits for its URL. Throws with what it printed when it ends instead. */
export async function startHostProcess(
  dataDirectory: string,
  environment: Record<string, string> = {},
  program = 'electron/hosts/headless/main.ts',
  args: readonly string[] = [],
): Promise<HostProcess> {
  const child = spawn(process.execPath, [path.resolve(repository, program), '--data-dir', dataDirectory, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes('\n')) resolve(out.split('\n')[0] ?? '');
    });
    void ended.then((code) => reject(new Error(`the host ended with ${code}: ${stderr}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    return ended;
  };
  return {
    child,
    url,
    stderr: () => stderr,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}
