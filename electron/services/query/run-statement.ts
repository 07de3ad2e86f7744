import type pg from 'pg';
import Cursor from 'pg-cursor';

import { textTypes } from '../../postgres/value-types.ts';

export type TextRow = (string | null)[];

export interface StatementBatch {
  readonly fields: readonly pg.FieldDef[];
  readonly rows: readonly TextRow[];
}

export interface StatementEnd {
  readonly command: string;
  /** Rows returned or changed, as the command tag tells; null where it tells none. */
  readonly rowCount: number | null;
  readonly truncated: boolean;
}

/**
 * A cursor of pg drops what fails after the last row, and then never answers: a deferred constraint or a conflict that
 * speaks up at the commit, or a session that is lost there.
 */
class StatementCursor extends Cursor<TextRow> {
  failureAtEnd: Error | undefined;

  // Called by pg.
  handleError(error: Error): void {
    const cursor = this as unknown as { state: string; _cb: ((error: Error) => void) | null };
    if (cursor.state !== 'done') {
      (Cursor.prototype as unknown as { handleError(error: Error): void }).handleError.call(this, error);
      return;
    }
    this.failureAtEnd = error;
    const waiting = cursor._cb;
    cursor._cb = null;
    waiting?.(error);
  }
}

/**
 * Runs one statement by the extended protocol and reads its rows in batches through a portal. The statement's own
 * transaction ends as soon as this generator does: the portal is closed even when the reader stops early.
 */
export async function* runStatement(
  client: pg.Client,
  sql: string,
  limits: { maxRows: number; maxBytes: () => boolean },
): AsyncGenerator<StatementBatch, StatementEnd> {
  // A portal of a session that has ended is never closed: nothing would answer.
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  client.once('end', end);
  const cursor = client.query(new StatementCursor(sql, [], { rowMode: 'array', types: textTypes }));
  let seen = 0;
  try {
    let size = 100;
    for (;;) {
      const wanted = Math.min(size, limits.maxRows - seen + 1);
      const { rows, result } = await read(cursor, wanted);
      const kept = rows.slice(0, limits.maxRows - seen);
      seen += kept.length;
      // Fields arrive with the first batch; a statement that returns none has no result.
      if (result.fields.length > 0) yield { fields: result.fields, rows: kept };
      const full = kept.length < rows.length || limits.maxBytes();
      if (full) {
        // Closing it ends the statement's own transaction, which may fail.
        await Promise.race([cursor.close(), ended]);
        if (cursor.failureAtEnd) throw cursor.failureAtEnd;
        return { command: result.command ?? 'SELECT', rowCount: seen, truncated: true };
      }
      if (rows.length < wanted) {
        const returns = result.fields.length > 0 && seen > 0;
        return {
          command: result.command ?? 'OK',
          rowCount: returns && result.command === 'SELECT' ? seen : (result.rowCount ?? null),
          truncated: false,
        };
      }
      size = 2000;
    }
  } finally {
    await Promise.race([cursor.close().catch(() => {}), ended]);
    client.off('end', end);
  }
}

async function read(cursor: Cursor<TextRow>, size: number): Promise<{ rows: TextRow[]; result: pg.QueryResult }> {
  return new Promise((resolve, reject) => {
    cursor.read(size, (error, rows, result) => {
      if (error) reject(error);
      else resolve({ rows, result });
    });
  });
}
