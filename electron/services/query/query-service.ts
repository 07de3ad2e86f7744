import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';

import type { AuditOutcome } from '#contract/audit.ts';
import type { AssessedStatement, HistoryEntry, ResultColumn, RunEvent, TransactionStatus } from '#contract/query.ts';
import type pg from 'pg';

import { type Database, answersWithin } from '../../postgres/database.ts';
import { StewardError, isConnectionLoss, toFailure } from '../../postgres/failure.ts';
import { backendPid, cancelOrCut, cancelStatement, cutSession } from '../../postgres/pg-session.ts';
import { type SqlParser, type StatementRange, codePointToUtf16 } from '../../postgres/sql-parser/index.ts';
import type { AuditDraft } from '../audit/index.ts';
import type { ConnectionsService } from '../connections/index.ts';
import { type StatementToAssess, assessStatements } from './assess-statements.ts';
import { redactError, redactSecrets } from './redact-secrets.ts';
import { describeColumns } from './result-columns.ts';
import { ResultSpool } from './result-spool.ts';
import { runStatement } from './run-statement.ts';
import { type StatementScope, applyToOpenTransaction, beginStatement, endStatement } from './statement-scope.ts';

const maxSpoolBytes = 2 * 1024 ** 3;

/** A session that has been idle for longer is asked for a sign of life before it is used. */
const trustedIdleMs = 3000;
const signOfLifeMs = 2000;

/** How often the server is asked, over another session, whether that of a long statement is still there. */
const heartbeatMs = 10_000;

/** One tab's pinned session: its transaction, settings and temporary tables live as long as it does. */
interface TabSession {
  readonly tabId: string;
  readonly connectionId: string;
  readonly client: pg.Client;
  readonly database: Database;
  readonly notices: RunEvent[];
  running: boolean;
  lost: boolean;
  /** The session was lost inside a transaction, and nobody has been told yet. */
  lostTransaction: boolean;
  /** The open transaction has statements that may have changed something. */
  wrote: boolean;
  lastUse: number;
  results: ResultSpool[];
}

export interface QueryServiceOptions {
  readonly connections: ConnectionsService;
  readonly parser: SqlParser;
  readonly spoolDirectory: string;
  /** The last backup of a connection's database that Steward knows of. */
  readonly lastBackup: (
    connectionId: string,
  ) => Promise<{ readonly startedAt: string; readonly verified: boolean } | undefined>;
  /** Keeps what was run, secrets taken out. Must not throw. */
  readonly remember: (entry: Omit<HistoryEntry, 'id'>) => void;
  /** Keeps what may have changed something on a server, and takes secrets out. Must not throw. */
  readonly audit: (entry: AuditDraft) => void;
}

export class QueryService implements AsyncDisposable {
  readonly #options: QueryServiceOptions;
  readonly #tabs = new Map<string, TabSession>();
  readonly #results = new Map<string, ResultSpool>();
  /** Tabs whose session is being opened; gone is one that was closed meanwhile, or its connection. */
  readonly #starting = new Map<string, { readonly connectionId: string; gone: boolean }>();
  /** Tabs whose open transaction went with their connection, and nobody has been told yet. */
  readonly #lostTransactions = new Set<string>();

  constructor(options: QueryServiceOptions) {
    this.#options = options;
    options.connections.onClose((connectionId) => {
      for (const start of this.#starting.values()) if (start.connectionId === connectionId) start.gone = true;
      for (const tab of this.#tabs.values()) {
        if (tab.connectionId !== connectionId) continue;
        if (transactionStatus(tab) !== 'idle' || tab.lostTransaction) this.#lostTransactions.add(tab.tabId);
        void this.#closeSession(tab.tabId);
      }
    });
  }

  /** Deletes what a run that was killed left in the spool. */
  async load(): Promise<void> {
    await rm(this.#options.spoolDirectory, { recursive: true, force: true });
  }

  async *run(
    input: { connectionId: string; tabId: string; sql: string; maxRows: number; confirmation?: string | undefined },
    signal: AbortSignal | undefined,
  ): AsyncGenerator<RunEvent> {
    const { statements, error } = await this.#options.parser.parse(input.sql);
    if (statements.length === 0) {
      throw StewardError.of('bad_input', error?.message ?? 'There is nothing to run', {
        hint: 'Write a statement first.',
      });
    }
    await this.#refuseUnconfirmed(input, statements);
    const tab = await this.#startSession(input.tabId, input.connectionId);
    if (tab.running) throw stillRunning();
    tab.running = true;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const cancel = () => cancelOrCut(tab.client, tab.database.parameters, ended);
    signal?.addEventListener('abort', cancel, { once: true });
    const heartbeat = this.#watchSession(tab);
    const started = performance.now();
    try {
      const stale = tab.results;
      tab.results = [];
      await Promise.all(stale.map((spool) => this.#dropResult(spool)));
      yield { kind: 'started', runId: randomUUID(), backendPid: backendPid(tab.client), statements: statements.length };
      for (const [index, statement] of statements.entries()) {
        if (signal?.aborted || this.#tabs.get(input.tabId) !== tab) return;
        const succeeded = yield* this.#runOne(tab, input, index, statement, signal);
        if (!succeeded) break;
      }
      yield { kind: 'finished', transaction: transactionStatus(tab), durationMs: performance.now() - started };
    } finally {
      signal?.removeEventListener('abort', cancel);
      clearInterval(heartbeat);
      end();
      tab.running = false;
      tab.lastUse = performance.now();
      if (tab.lost) this.#forget(tab);
    }
  }

  /** The destructive statements of a text, with what they would touch. Runs none of them. */
  async assess(input: { connectionId: string; sql: string }): Promise<{ statements: AssessedStatement[] }> {
    const { statements } = await this.#options.parser.parse(input.sql);
    const destructive = await this.#destructive(input.sql, statements);
    if (destructive.length === 0) return { statements: [] };
    const database = await this.#options.connections.database(input.connectionId);
    const backup = await this.#options.lastBackup(input.connectionId).catch(() => undefined);
    return { statements: await assessStatements(database, destructive, backup) };
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
    this.#lostTransactions.delete(tabId);
    const starting = this.#starting.get(tabId);
    if (starting) starting.gone = true;
    await this.#closeSession(tabId);
  }

  async #closeSession(tabId: string): Promise<void> {
    const tab = this.#tabs.get(tabId);
    if (!tab) return;
    this.#tabs.delete(tabId);
    if (tab.running) await cancelStatement(tab.client, tab.database.parameters);
    await this.#end(tab);
    await Promise.all(tab.results.map((spool) => this.#dropResult(spool)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#tabs.keys()].map((tabId) => this.closeTab(tabId)));
    await rm(this.#options.spoolDirectory, { recursive: true, force: true });
  }

  /** On a production connection that is not held to reading, what destroys something needs the database's name. */
  async #refuseUnconfirmed(
    input: { connectionId: string; sql: string; confirmation?: string | undefined },
    statements: readonly StatementRange[],
  ): Promise<void> {
    const connection = this.#options.connections.get(input.connectionId);
    if (connection.environment !== 'production' || connection.readOnly) return;
    if (input.confirmation === connection.database) return;
    const destructive = await this.#destructive(input.sql, statements);
    if (destructive.length === 0) return;
    const commands = [...new Set(destructive.map(({ impact }) => impact.command))];
    throw new StewardError({
      code: 'needs_answer',
      message: `${commands.join(', ')} on production: type the name of the database, ${connection.database}, to run it`,
      retryable: false,
      question: { kind: 'destructive', typedName: connection.database, commands },
    });
  }

  async #destructive(sql: string, statements: readonly StatementRange[]): Promise<StatementToAssess[]> {
    const found: StatementToAssess[] = [];
    for (const { start, end, kind } of statements) {
      const text = sql.slice(start, end);
      const impact = await this.#options.parser.impact(text, kind);
      if (impact) found.push({ start, end, text, impact });
    }
    return found;
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
    const connection = this.#options.connections.entry(tab.connectionId);
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
    const audit = (outcome: AuditOutcome, error: string | null, rows: number | null = null) => {
      // What a transaction changed counts with its COMMIT, and does not with its ROLLBACK.
      if (!range.mayWrite && !(tab.wrote && range.kind === 'TransactionStmt')) return;
      tab.wrote = transactionStatus(tab) !== 'idle';
      this.#options.audit({
        connection,
        action: 'query',
        subject: inTransaction ? 'in an open transaction' : null,
        sql: text,
        outcome,
        error,
        rows,
        startedAt,
        durationMs: performance.now() - started,
      });
    };
    let spool: ResultSpool | undefined;
    let run: ReturnType<typeof runStatement> | undefined;
    let told = false;
    let scope: StatementScope = 'none';
    let succeeded = false;
    const inTransaction = transactionStatus(tab) !== 'idle';
    try {
      refuseCopyThroughClient(text);
      scope = await beginStatement(tab.client, tab.database, {
        guarded: connection.readOnly,
        kind: range.kind,
        text,
        inTransaction,
      });
      // Cancelled before the server had it: there was nothing yet that a cancel request could have stopped.
      signal?.throwIfAborted();
      run = runStatement(tab.client, text, {
        maxRows: input.maxRows,
        maxBytes: () => (spool?.bytes ?? 0) > maxSpoolBytes,
      });
      let toldAt = 0;
      for (;;) {
        const step = await run.next();
        yield* tab.notices.splice(0);
        if (step.done) {
          spool?.complete();
          if (spool) yield { kind: 'rows', resultId: spool.id, rows: spool.rows };
          const { command, rowCount, truncated } = step.value;
          // A deferred constraint speaks up at the commit: only then is it done.
          succeeded = true;
          if (scope !== 'none') await endStatement(tab.client, tab.database, scope, true);
          scope = 'none';
          if (!inTransaction && transactionStatus(tab) === 'in transaction')
            await applyToOpenTransaction(tab.client, tab.database);
          told = true;
          remember('done', rowCount, null);
          audit('done', null, rowCount);
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
        if (performance.now() - toldAt > 100) {
          toldAt = performance.now();
          yield { kind: 'rows', resultId: spool.id, rows: spool.rows };
        }
      }
    } catch (error) {
      told = true;
      spool?.complete();
      const lost = isConnectionLoss(error);
      if (lost) {
        tab.lost = true;
        tab.lostTransaction = false;
        this.#options.connections.noteFailure(tab.connectionId, error);
      }
      yield* tab.notices.splice(0);
      const plain = toFailure(error);
      const failure = lost ? { ...plain, hint: afterLoss(range, inTransaction, plain.hint) } : plain;
      const outcome = failure.code === 'cancelled' || signal?.aborted ? 'cancelled' : 'failed';
      audit(lost ? lostOutcome(range, inTransaction) : outcome, failure.message);
      remember(outcome, null, failure.message);
      const position = failure.postgres?.position;
      const offset = position === undefined ? null : range.start + codePointToUtf16(text, position - 1);
      yield { kind: 'failed', index, failure, offset, durationMs: performance.now() - started };
      return false;
    } finally {
      // Whoever was listening may leave in the middle of the rows: the portal must not stay open, with its locks.
      if (run && !told) {
        await run.return(undefined as never).catch(() => {});
        spool?.complete();
        remember('cancelled', spool?.rows ?? null, null);
        // Outside of a transaction, what had happened until then is committed.
        audit(scope === 'none' && !inTransaction ? 'unknown' : 'cancelled', null);
      }
      if (scope !== 'none' && !tab.lost) await endStatement(tab.client, tab.database, scope, succeeded).catch(() => {});
    }
  }

  async #columns(tab: TabSession, fields: readonly pg.FieldDef[]): Promise<ResultColumn[]> {
    const reader = await this.#options.connections.reader(tab.connectionId);
    return describeColumns(reader, fields);
  }

  /** One at a time for each tab: a second session would be nobody's, with its transaction. */
  async #startSession(tabId: string, connectionId: string): Promise<TabSession> {
    if (this.#starting.has(tabId)) throw stillRunning();
    const start = { connectionId, gone: false };
    this.#starting.set(tabId, start);
    try {
      if (this.#lostTransactions.delete(tabId)) throw transactionLost('The connection was closed');
      return await this.#session(tabId, connectionId, start);
    } finally {
      this.#starting.delete(tabId);
    }
  }

  async #session(tabId: string, connectionId: string, start: { readonly gone: boolean }): Promise<TabSession> {
    const existing = this.#tabs.get(tabId);
    if (existing && existing.connectionId === connectionId) {
      if (existing.running) return existing;
      await this.#checkBeforeUse(existing);
      if (existing.lostTransaction) {
        existing.lostTransaction = false;
        throw transactionLost('The connection was lost');
      }
      if (!existing.lost) return existing;
    }
    if (existing) await this.#closeSession(tabId);
    const database = await this.#options.connections.database(connectionId);
    let client: pg.Client;
    try {
      client = await database.connect();
    } catch (error) {
      this.#options.connections.noteFailure(connectionId, error);
      throw error;
    }
    if (start.gone) {
      void client.end().catch(() => {});
      throw StewardError.of('cancelled', 'The tab or its connection was closed meanwhile', { retryable: true });
    }
    const tab: TabSession = {
      tabId,
      connectionId,
      client,
      database,
      notices: [],
      running: false,
      lost: false,
      lostTransaction: false,
      wrote: false,
      lastUse: performance.now(),
      results: existing?.results ?? [],
    };
    client.on('error', (error) => {
      if (!tab.lost && !tab.running) tab.lostTransaction = transactionStatus(tab) !== 'idle';
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

  /** A session that sat idle through a sleep or a dead network is given up before anything is run in it. */
  async #checkBeforeUse(tab: TabSession): Promise<void> {
    if (tab.lost || performance.now() - tab.lastUse < trustedIdleMs) return;
    if (await answersWithin(tab.client, signOfLifeMs)) return;
    tab.lostTransaction = transactionStatus(tab) !== 'idle';
    tab.lost = true;
    this.#forget(tab);
    this.#options.connections.noteFailure(
      tab.connectionId,
      StewardError.of('connection_lost', 'The server gave no sign of life', { retryable: true }),
    );
  }

  /**
   * Asks over another session whether that of a long statement is still there: behind a dead network nothing would
   * ever tell. A session that the server does not have any more is cut here too.
   */
  #watchSession(tab: TabSession): NodeJS.Timeout {
    let asking = false;
    return setInterval(() => {
      if (asking || tab.lost) return;
      asking = true;
      void (async () => {
        const reader = await this.#options.connections.reader(tab.connectionId);
        const rows = await reader.rows('select from pg_catalog.pg_stat_activity where pid = $1', {
          values: [backendPid(tab.client)],
          timeoutMs: heartbeatMs / 2,
        });
        // A pooler makes up process ids of its own.
        if (rows.length === 0 && tab.running && tab.database.pooling === 'none') cutSession(tab.client);
      })()
        .catch(() => {})
        .finally(() => {
          asking = false;
        });
    }, heartbeatMs);
  }

  /** Ends a session politely, or at once when there is nobody to be polite to. */
  async #end(tab: TabSession): Promise<void> {
    if (tab.lost) this.#forget(tab);
    else {
      const timer = setTimeout(() => cutSession(tab.client), signOfLifeMs);
      await tab.client.end().catch(() => {});
      clearTimeout(timer);
    }
  }

  #forget(tab: TabSession): void {
    void tab.client.end().catch(() => {});
    cutSession(tab.client);
  }

  async #dropResult(spool: ResultSpool): Promise<void> {
    this.#results.delete(spool.id);
    await spool[Symbol.asyncDispose]();
  }
}

function stillRunning(): StewardError {
  return StewardError.of('busy', 'This tab is still running a statement', { hint: 'Cancel it, or use another tab.' });
}

function transactionLost(why: string): StewardError {
  return StewardError.of('connection_lost', `${why}, and with it the open transaction of this tab`, {
    hint: 'Nothing of that transaction was committed. Nothing has been run now; run again to go on in a new session.',
    retryable: true,
  });
}

function transactionStatus(tab: TabSession): TransactionStatus {
  const status = (tab.client as unknown as { getTransactionStatus(): string | null }).getTransactionStatus();
  if (tab.lost) return 'idle';
  return status === 'T' ? 'in transaction' : status === 'E' ? 'failed transaction' : 'idle';
}

/** What is known about a statement whose session was lost while it ran. */
function afterLoss(range: StatementRange, inTransaction: boolean, hint: string | undefined): string {
  if (range.kind === 'TransactionStmt' && inTransaction)
    return 'It is not known whether the transaction was committed: look at the data before you run it again.';
  if (inTransaction) return 'The transaction that was open is gone: nothing of it was committed.';
  if (range.changesData)
    return 'It is not known whether this statement took effect: look at the data before you run it again.';
  return hint ?? 'The next run opens a new session.';
}

/** The transaction is gone, unless it was about to be committed. */
function lostOutcome(range: StatementRange, inTransaction: boolean): AuditOutcome {
  return inTransaction && range.kind !== 'TransactionStmt' ? 'failed' : 'unknown';
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
