import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';

import type { HistoryEntry, ResultColumn, RunEvent, TransactionStatus } from '#contract/query.ts';
import type pg from 'pg';

import { StewardError, isConnectionLoss, toFailure } from '../../postgres/failure.ts';
import { backendPid, cancelStatement } from '../../postgres/pg-session.ts';
import { type SqlParser, type StatementRange, codePointToUtf16 } from '../../postgres/sql-parser/index.ts';
import type { ConnectionsService } from '../connections/index.ts';
import { redactError, redactSecrets } from './redact-secrets.ts';
import { describeColumns } from './result-columns.ts';
import { ResultSpool } from './result-spool.ts';
import { runStatement } from './run-statement.ts';

const maxSpoolBytes = 2 * 1024 ** 3;

/** One tab's pinned session: its transaction, settings and temporary tables live as long as it does. */
interface TabSession {
  readonly tabId: string;
  readonly connectionId: string;
  readonly client: pg.Client;
  readonly notices: RunEvent[];
  running: boolean;
  lost: boolean;
  results: ResultSpool[];
}

export interface QueryServiceOptions {
  readonly connections: ConnectionsService;
  readonly parser: SqlParser;
  readonly spoolDirectory: string;
  /** Keeps what was run, secrets taken out. Must not throw. */
  readonly remember: (entry: Omit<HistoryEntry, 'id'>) => void;
}

export class QueryService implements AsyncDisposable {
  readonly #options: QueryServiceOptions;
  readonly #tabs = new Map<string, TabSession>();
  readonly #results = new Map<string, ResultSpool>();

  constructor(options: QueryServiceOptions) {
    this.#options = options;
    options.connections.onClose((connectionId) => {
      for (const tab of this.#tabs.values()) if (tab.connectionId === connectionId) void this.closeTab(tab.tabId);
    });
  }

  /** Deletes what a run that was killed left in the spool. */
  async load(): Promise<void> {
    await rm(this.#options.spoolDirectory, { recursive: true, force: true });
  }

  async *run(
    input: { connectionId: string; tabId: string; sql: string; maxRows: number },
    signal: AbortSignal | undefined,
  ): AsyncGenerator<RunEvent> {
    const { statements, error } = await this.#options.parser.parse(input.sql);
    if (statements.length === 0) {
      throw StewardError.of('bad_input', error?.message ?? 'There is nothing to run', {
        hint: 'Write a statement first.',
      });
    }
    const tab = await this.#session(input.tabId, input.connectionId);
    if (tab.running)
      throw StewardError.of('busy', 'This tab is still running a statement', {
        hint: 'Cancel it, or use another tab.',
      });
    tab.running = true;
    const cancel = () => void cancelStatement(tab.client, this.#options.connections.get(tab.connectionId));
    signal?.addEventListener('abort', cancel, { once: true });
    const started = performance.now();
    try {
      const stale = tab.results;
      tab.results = [];
      await Promise.all(stale.map((spool) => this.#dropResult(spool)));
      yield { kind: 'started', runId: randomUUID(), backendPid: backendPid(tab.client), statements: statements.length };
      for (const [index, statement] of statements.entries()) {
        if (signal?.aborted) return;
        const succeeded = yield* this.#runOne(tab, input, index, statement, signal);
        if (!succeeded) break;
      }
      yield { kind: 'finished', transaction: transactionStatus(tab), durationMs: performance.now() - started };
    } finally {
      signal?.removeEventListener('abort', cancel);
      tab.running = false;
      if (tab.lost) this.#forget(tab);
    }
  }

  async page(resultId: string, offset: number, limit: number) {
    const spool = this.#results.get(resultId);
    if (!spool)
      throw StewardError.of('not_found', 'This result is not kept any more', { hint: 'Run the query again.' });
    return spool.page(offset, limit);
  }

  /** Where a tab's session stands; a tab without one is idle. */
  tabStatus(tabId: string): { transaction: TransactionStatus; running: boolean; open: boolean } {
    const tab = this.#tabs.get(tabId);
    return {
      transaction: tab ? transactionStatus(tab) : 'idle',
      running: tab?.running ?? false,
      open: tab !== undefined,
    };
  }

  /** Cancels what runs, rolls back what is open, ends the session and deletes the results. */
  async closeTab(tabId: string): Promise<void> {
    const tab = this.#tabs.get(tabId);
    if (!tab) return;
    this.#tabs.delete(tabId);
    if (tab.running)
      await cancelStatement(
        tab.client,
        (await this.#options.connections.parameters(tab.connectionId).catch(() => undefined)) ?? { host: '/', port: 0 },
      );
    await tab.client.end().catch(() => {});
    await Promise.all(tab.results.map((spool) => this.#dropResult(spool)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#tabs.keys()].map((tabId) => this.closeTab(tabId)));
    await rm(this.#options.spoolDirectory, { recursive: true, force: true });
  }

  async *#runOne(
    tab: TabSession,
    input: { connectionId: string; sql: string; maxRows: number },
    index: number,
    range: StatementRange,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<RunEvent, boolean> {
    const text = input.sql.slice(range.start, range.end);
    yield { kind: 'statement', index, start: range.start, end: range.end };
    const startedAt = new Date().toISOString();
    const started = performance.now();
    const connection = this.#options.connections.get(tab.connectionId);
    const remember = (outcome: HistoryEntry['outcome'], rows: number | null, error: string | null) =>
      this.#options.remember({
        connectionId: connection.id,
        connectionName: connection.name,
        database: connection.database,
        sql: redactSecrets(text),
        startedAt,
        durationMs: performance.now() - started,
        rows,
        outcome,
        error: error === null ? null : redactError(error, text),
      });
    let spool: ResultSpool | undefined;
    try {
      refuseCopyThroughClient(text);
      if (connection.readOnly) await beginGuarded(tab.client);
      const run = runStatement(tab.client, text, {
        maxRows: input.maxRows,
        maxBytes: () => (spool?.bytes ?? 0) > maxSpoolBytes,
      });
      let told = 0;
      for (;;) {
        const step = await run.next();
        yield* tab.notices.splice(0);
        if (step.done) {
          spool?.complete();
          if (spool) yield { kind: 'rows', resultId: spool.id, rows: spool.rows };
          const { command, rowCount, truncated } = step.value;
          remember('done', rowCount, null);
          yield { kind: 'done', index, command, rows: rowCount, durationMs: performance.now() - started, truncated };
          return true;
        }
        if (!spool) {
          spool = await ResultSpool.create(this.#options.spoolDirectory, randomUUID());
          tab.results.push(spool);
          this.#results.set(spool.id, spool);
          yield { kind: 'result', index, resultId: spool.id, columns: await this.#columns(tab, step.value.fields) };
        }
        if (step.value.rows.length > 0) await spool.append(step.value.rows);
        if (performance.now() - told > 100) {
          told = performance.now();
          yield { kind: 'rows', resultId: spool.id, rows: spool.rows };
        }
      }
    } catch (error) {
      spool?.complete();
      if (isConnectionLoss(error)) {
        tab.lost = true;
        this.#options.connections.noteFailure(tab.connectionId, error);
      }
      yield* tab.notices.splice(0);
      const failure = toFailure(error);
      remember(failure.code === 'cancelled' || signal?.aborted ? 'cancelled' : 'failed', null, failure.message);
      const position = failure.postgres?.position;
      const offset = position === undefined ? null : range.start + codePointToUtf16(text, position - 1);
      yield { kind: 'failed', index, failure, offset, durationMs: performance.now() - started };
      return false;
    } finally {
      if (connection.readOnly && !tab.lost) await tab.client.query('rollback').catch(() => {});
    }
  }

  async #columns(tab: TabSession, fields: readonly pg.FieldDef[]): Promise<ResultColumn[]> {
    const reader = await this.#options.connections.reader(tab.connectionId);
    return describeColumns(reader, fields);
  }

  async #session(tabId: string, connectionId: string): Promise<TabSession> {
    const existing = this.#tabs.get(tabId);
    if (existing && existing.connectionId === connectionId && !existing.lost) return existing;
    if (existing) await this.closeTab(tabId);
    const database = await this.#options.connections.database(connectionId);
    let client: pg.Client;
    try {
      client = await database.connect();
    } catch (error) {
      this.#options.connections.noteFailure(connectionId, error);
      throw error;
    }
    const tab: TabSession = {
      tabId,
      connectionId,
      client,
      notices: [],
      running: false,
      lost: false,
      results: existing?.results ?? [],
    };
    client.on('error', (error) => {
      tab.lost = true;
      this.#options.connections.noteFailure(connectionId, error);
      if (!tab.running) this.#forget(tab);
    });
    client.on('notice', (notice) => {
      tab.notices.push({
        kind: 'notice',
        severity: notice.severity ?? 'NOTICE',
        message: notice.message ?? '',
        ...(notice.detail ? { detail: notice.detail } : {}),
        ...(notice.hint ? { hint: notice.hint } : {}),
      });
      // A statement that raises a million notices must not fill the memory.
      if (tab.notices.length > 1000) tab.notices.shift();
    });
    if (existing?.lost) {
      tab.notices.push({
        kind: 'notice',
        severity: 'WARNING',
        message:
          'The session of this tab was lost. This is a new one: its transaction, settings and temporary tables are gone.',
      });
    }
    this.#tabs.set(tabId, tab);
    return tab;
  }

  #forget(tab: TabSession): void {
    void tab.client.end().catch(() => {});
  }

  async #dropResult(spool: ResultSpool): Promise<void> {
    this.#results.delete(spool.id);
    await spool[Symbol.asyncDispose]();
  }
}

function transactionStatus(tab: TabSession): TransactionStatus {
  const status = (tab.client as unknown as { getTransactionStatus(): string | null }).getTransactionStatus();
  if (tab.lost) return 'idle';
  return status === 'T' ? 'in transaction' : status === 'E' ? 'failed transaction' : 'idle';
}

/**
 * Each statement of a read-only connection runs alone inside a read-only transaction of ours: the setting
 * default_transaction_read_only by itself is undone by a SET. After the first query the server refuses to make the
 * transaction writable again.
 */
async function beginGuarded(client: pg.Client): Promise<void> {
  await client.query('begin read only; select 1');
}

/** COPY FROM STDIN and TO STDOUT speak through the client, which an editor is not. */
function refuseCopyThroughClient(sql: string): void {
  if (/^\s*copy\b/i.test(sql) && /\b(from\s+stdin|to\s+stdout)\b/i.test(sql)) {
    throw StewardError.of('bad_input', 'COPY from STDIN or to STDOUT is not possible here', {
      hint: 'Run a SELECT and copy its result, or use psql for a COPY through the client.',
    });
  }
}

/** The spool of a data folder. */
export function spoolDirectoryOf(dataDirectory: string): string {
  return path.join(dataDirectory, 'spool');
}
