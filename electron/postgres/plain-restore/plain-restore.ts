import { createReadStream } from 'node:fs';

import type pg from 'pg';

import { StewardError } from '../failure.ts';
import { StatementStream } from './statement-stream.ts';

/**
 * Runs a plain SQL dump with INSERTs on a session, in one transaction, so that a failure leaves nothing. psql is not
 * involved, and so nothing in the file can run a command on this machine.
 */
export async function restorePlain(
  client: pg.Client,
  file: string,
  options: { signal: AbortSignal; onBytes?: (bytes: number) => void },
): Promise<{ statements: number }> {
  const stream = new StatementStream();
  let bytes = 0;
  let statements = 0;
  const run = async (sql: string) => {
    options.signal.throwIfAborted();
    if (/^copy\b[\s\S]*\bfrom\s+stdin\b/i.test(withoutComments(sql))) {
      throw StewardError.of('bad_input', 'This dump carries its data as COPY, which only psql or pg_restore can load', {
        hint: 'Use a backup in the custom format.',
      });
    }
    await client.query(sql);
    statements += 1;
  };
  await client.query('begin');
  try {
    for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 128 * 1024 })) {
      options.signal.throwIfAborted();
      for (const sql of stream.push(chunk as string)) await run(sql);
      bytes += Buffer.byteLength(chunk as string);
      options.onBytes?.(bytes);
    }
    for (const sql of stream.end()) await run(sql);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
  return { statements };
}

function withoutComments(sql: string): string {
  return sql.replaceAll(/^\s*--[^\n]*$/gm, '').trim();
}
