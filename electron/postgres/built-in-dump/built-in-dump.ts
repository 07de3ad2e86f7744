import type { Duplex } from 'node:stream';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';

import type pg from 'pg';

import { StewardError } from '../failure.ts';
import { workerFile } from '../worker-file.ts';
import { AnswerEnd } from './wire.ts';

/** Version of the pg_dump inside. */
export const builtInDumpVersion = '18.3';

/**
 * Above this size of a database the built-in dump refuses: it holds the whole dump in memory. Measured: a database of
 * 245 MiB peaks at 1.4 GiB of memory (`tests/bench/results.md`).
 */
export const builtInDumpLimitBytes = 256 * 1024 * 1024;

export interface BuiltInDumpOptions {
  readonly schemaOnly: boolean;
  readonly file: string;
  readonly signal: AbortSignal;
  /** Called with the table whose rows come next. */
  readonly onTable?: (table: string) => void;
  /** Called with the bytes received so far. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Dumps a database as plain SQL with INSERTs, without any installed tool: pg_dump compiled to WebAssembly runs in a
 * worker and speaks through `client`, which is already connected whatever its TLS, password or tunnel. The client
 * cannot be used for anything else afterwards.
 */
export async function builtInDump(
  client: pg.Client,
  serverVersion: string,
  options: BuiltInDumpOptions,
): Promise<void> {
  options.signal.throwIfAborted();
  const { port1, port2 } = new MessageChannel();
  const flag = new SharedArrayBuffer(4);
  const bridge = new Bridge(client, port1, flag, options);
  const worker = new Worker(workerFile(import.meta.url, 'dump-worker'), {
    workerData: {
      port: port2,
      flag,
      file: options.file,
      args: ['--rows-per-insert=200', ...(options.schemaOnly ? ['--schema-only'] : [])],
      parameters: {
        server_version: serverVersion,
        server_encoding: 'UTF8',
        client_encoding: 'UTF8',
        standard_conforming_strings: 'on',
        integer_datetimes: 'on',
        DateStyle: 'ISO, MDY',
        TimeZone: 'UTC',
        is_superuser: 'off',
        session_authorization: 'steward',
      },
    },
    transferList: [port2],
    execArgv: ['--no-warnings'],
    stderr: true,
    stdout: true,
  });
  const abort = () => bridge.fail('Cancelled');
  options.signal.addEventListener('abort', abort, { once: true });
  try {
    const answer = await new Promise<{ done?: true; error?: string; code?: string }>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => resolve({ error: 'the built-in pg_dump ended without an answer' }));
    });
    options.signal.throwIfAborted();
    if (answer.done) return;
    if (bridge.refusal) throw bridge.refusal;
    throw answer.code
      ? Object.assign(new Error(answer.error), { code: answer.code })
      : StewardError.of('tool_failed', answer.error ?? 'the built-in pg_dump failed', {
          hint: 'Install the client tools of the server’s version for a backup with pg_dump itself.',
        });
  } finally {
    options.signal.removeEventListener('abort', abort);
    bridge.close();
    void worker.terminate();
  }
}

/** Carries bytes between the worker and the server. */
class Bridge {
  refusal: StewardError | undefined;
  readonly #stream: Duplex;
  readonly #port: MessagePort;
  readonly #signalled: Int32Array;
  readonly #options: BuiltInDumpOptions;
  #end = new AnswerEnd();
  #bytes = 0;
  #tail = '';

  constructor(client: pg.Client, port: MessagePort, flag: SharedArrayBuffer, options: BuiltInDumpOptions) {
    // What pg keeps of its socket (TLS included) and tells nowhere in its types.
    this.#stream = (client as unknown as { connection: { stream: Duplex } }).connection.stream;
    this.#port = port;
    this.#signalled = new Int32Array(flag);
    this.#options = options;
    this.#stream.removeAllListeners('data');
    this.#stream.on('data', (chunk: Buffer) => this.#fromServer(chunk));
    this.#stream.on('close', () => this.#lost());
    this.#stream.on('error', () => this.#lost());
    port.on('message', (bytes: Uint8Array) => this.#toServer(bytes));
  }

  /** Ends the worker's wait with an error. */
  fail(message: string): void {
    this.#post({ error: message });
  }

  close(): void {
    this.#stream.removeAllListeners('data');
    this.#port.close();
    this.#stream.destroy();
  }

  #toServer(bytes: Uint8Array): void {
    const table = /DECLARE _pg_dump_cursor CURSOR FOR SELECT .* FROM ONLY (.+?)\0?$/s.exec(
      Buffer.from(bytes.subarray(5)).toString(),
    )?.[1];
    if (table) this.#options.onTable?.(table);
    this.#end = new AnswerEnd();
    this.#stream.write(bytes);
  }

  #fromServer(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#options.onBytes?.(this.#bytes);
    this.#refuseUnsafe(chunk);
    const end = this.#end.take(chunk);
    this.#post(this.refusal ? { error: this.refusal.message } : { chunk: Uint8Array.from(chunk), end });
  }

  /**
   * The packaged pg_dump takes every line that begins with \restrict out of what it wrote, inside values too.
   * A value that has such a line would come back changed, so the backup is refused instead.
   */
  #refuseUnsafe(chunk: Buffer): void {
    const text = this.#tail + chunk.toString('latin1');
    this.#tail = text.slice(-16);
    if (!/[\n\r]\\(?:un)?restrict/i.test(text)) return;
    this.refusal = StewardError.of(
      'tool_failed',
      'A value in this database has a line that begins with \\restrict, which the built-in dump cannot keep',
      {
        hint: 'Install the client tools of the server’s version: pg_dump itself keeps it.',
      },
    );
  }

  #lost(): void {
    this.refusal ??= StewardError.of('connection_lost', 'The connection to the server was lost', {
      hint: 'Nothing was left behind. Try again when the server is back.',
      retryable: true,
    });
    this.fail(this.refusal.message);
  }

  #post(message: { chunk?: Uint8Array; end?: boolean; error?: string }): void {
    try {
      this.#port.postMessage(message);
    } catch {
      // The worker is gone already.
    }
    Atomics.store(this.#signalled, 0, 1);
    Atomics.notify(this.#signalled, 0);
  }
}
