import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { finished } from 'node:stream/promises';

import type pg from 'pg';
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams';

import { StewardError } from '../failure.ts';
import { type DumpPart, StatementStream } from './statement-stream.ts';

/**
 * Runs a plain SQL dump on a session, in one transaction, so that a failure leaves nothing. psql is not involved, and so
 * nothing in the file can run a command on this machine. The rows of a COPY go through as they are read.
 */
export async function restorePlain(
  client: pg.Client,
  file: string,
  options: { signal: AbortSignal; onBytes?: (bytes: number) => void },
): Promise<{ statements: number }> {
  const stream = new StatementStream();
  const runner = new DumpRunner(client);
  let bytes = 0;
  await client.query('begin');
  try {
    for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 128 * 1024 })) {
      for (const part of stream.push(chunk as string)) {
        options.signal.throwIfAborted();
        await runner.run(part);
      }
      bytes += Buffer.byteLength(chunk as string);
      options.onBytes?.(bytes);
    }
    for (const part of stream.end()) await runner.run(part);
    await client.query('commit');
  } catch (error) {
    runner.abandon();
    await client.query('rollback').catch(() => {});
    throw error;
  }
  return { statements: runner.statements };
}

class DumpRunner {
  statements = 0;
  readonly #client: pg.Client;
  #copy: CopyStreamQuery | undefined;
  #copyFailure: Error | undefined;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  async run(part: DumpPart): Promise<void> {
    if (this.#copyFailure) throw this.#copyFailure;
    switch (part.kind) {
      case 'statement':
        refuseOtherEncoding(part.sql);
        await this.#client.query(part.sql);
        this.statements += 1;
        return;
      case 'copy':
        this.#copy = this.#client.query(copyFrom(part.sql));
        // The server may refuse a row while the next ones are still being read.
        this.#copy.on('error', (error: Error) => (this.#copyFailure = error));
        return;
      case 'copy data':
        // Rejects with the error of the stream too, and leaves no listener behind: there may be millions of pieces.
        if (this.#copy && !this.#copy.write(part.text)) await once(this.#copy, 'drain');
        return;
      case 'copy end': {
        const copy = this.#copy;
        this.#copy = undefined;
        if (!copy) return;
        copy.end();
        await finished(copy);
        this.statements += 1;
      }
    }
  }

  abandon(): void {
    this.#copy?.destroy(new Error('the restore was given up'));
  }
}

/** The file is read as UTF-8: in another encoding its text would change on the way. */
function refuseOtherEncoding(sql: string): void {
  const encoding = /^(?:\s*--[^\n]*\n)*\s*set\s+client_encoding\s*(?:=|to)\s*'([^']+)'/i.exec(sql)?.[1];
  if (encoding === undefined || /^utf-?8$/i.test(encoding)) return;
  throw StewardError.of('bad_input', `This dump is written in ${encoding}, and only UTF8 can be restored here`, {
    hint: 'Restore it with psql, or make a backup in the custom format.',
  });
}
