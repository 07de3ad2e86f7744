import { open } from 'node:fs/promises';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';

import { pgDump } from '@electric-sql/pglite-tools/pg_dump';

import { messageTypes, readStartup, startupAnswer } from './wire.ts';

interface DumpTask {
  readonly port: MessagePort;
  /** Set to 1 and notified by the host whenever it has posted an answer. */
  readonly flag: SharedArrayBuffer;
  readonly args: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly file: string;
}

const { port, flag, args, parameters, file } = workerData as DumpTask;
const signalled = new Int32Array(flag);
let started = false;
let pending = Buffer.alloc(0);

type OnRawData = (bytes: Uint8Array) => void;

/** pg_dump writes here as to a socket and expects the whole answer before this returns. */
function exchange(bytes: Uint8Array, onRawData: OnRawData): void {
  pending = Buffer.concat([pending, bytes]);
  if (!started) {
    const startup = readStartup(pending);
    pending = Buffer.alloc(0);
    started = startup.kind === 'startup';
    onRawData(started ? startupAnswer(parameters) : Buffer.from('N'));
    return;
  }
  const { types, rest } = messageTypes(pending);
  // Terminate: the session belongs to the host, which ends it.
  if (types === 'X') {
    pending = Buffer.alloc(0);
    return;
  }
  const last = types.at(-1);
  if (rest > 0 || last === undefined || !'QSFcf'.includes(last)) return;
  port.postMessage(pending);
  pending = Buffer.alloc(0);
  for (;;) {
    const received = receiveMessageOnPort(port) as
      | { message: { chunk?: Uint8Array; end?: boolean; error?: string } }
      | undefined;
    if (!received) {
      Atomics.wait(signalled, 0, 0);
      Atomics.store(signalled, 0, 0);
      continue;
    }
    const { chunk, end, error } = received.message;
    if (error !== undefined) throw new Error(error);
    if (chunk) onRawData(chunk);
    if (end) return;
  }
}

const adapter = {
  execProtocolRawStream: (bytes: Uint8Array, { onRawData }: { onRawData: OnRawData }) =>
    exchange(Uint8Array.from(bytes), onRawData),
  query: async () => ({ rows: [{ search_path: 'public' }] }),
  exec: async () => [],
};

try {
  const dump = await pgDump({ pg: adapter as never, args: [...args] });
  const handle = await open(file, 'wx', 0o600);
  try {
    const text = await dump.text();
    // This pg_dump sets a parameter that servers before 17 do not know.
    const header = text.slice(0, 2000).replace(/^SET transaction_timeout = 0;$/m, '');
    await handle.writeFile(
      Number.parseInt(parameters['server_version'] ?? '', 10) < 17 ? header + text.slice(2000) : text,
    );
    await handle.sync();
  } finally {
    await handle.close();
  }
  parentPort?.postMessage({ done: true });
} catch (error) {
  parentPort?.postMessage({
    error: error instanceof Error ? error.message : String(error),
    code: (error as NodeJS.ErrnoException).code,
  });
}
