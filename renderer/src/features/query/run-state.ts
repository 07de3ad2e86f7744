import type { Failure } from '#contract/failure.ts';
import type { ResultColumn, RunEvent, TransactionStatus } from '#contract/query.ts';

import { assertNever } from '../../lib/assert-never.ts';

export interface StatementRun {
  readonly index: number;
  /** Offsets in the text that was sent. */
  readonly start: number;
  readonly end: number;
  readonly state: 'running' | 'done' | 'failed';
  readonly command: string | null;
  /** Rows returned or changed; null where the command has no such number. */
  readonly rows: number | null;
  readonly durationMs: number | null;
  readonly truncated: boolean;
  readonly result: {
    readonly resultId: string;
    readonly columns: readonly ResultColumn[];
    readonly rows: number;
  } | null;
  readonly failure: Failure | null;
  /** 0-based offset of the error in the text that was sent. */
  readonly offset: number | null;
}

export interface RunMessage {
  readonly severity: string;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** The statement that was running. */
  readonly statement: number;
}

/** One run of a tab, as far as it has come. */
export interface RunState {
  readonly id: string;
  /** What was sent, and where it begins in the tab's text. */
  readonly sql: string;
  readonly baseOffset: number;
  readonly startedAt: number;
  readonly phase: 'running' | 'finished';
  readonly cancelled: boolean;
  readonly backendPid: number | null;
  readonly statementCount: number | null;
  readonly statements: readonly StatementRun[];
  readonly messages: readonly RunMessage[];
  readonly durationMs: number | null;
  /** A failure of the run as a whole: no connection, no channel. Failures of statements stand with them. */
  readonly failure: Failure | null;
}

/** A run that has just begun. */
export function newRun(id: string, sql: string, baseOffset: number, startedAt: number): RunState {
  return {
    id,
    sql,
    baseOffset,
    startedAt,
    phase: 'running',
    cancelled: false,
    backendPid: null,
    statementCount: null,
    statements: [],
    messages: [],
    durationMs: null,
    failure: null,
  };
}

/** The run after one more event. */
export function withEvent(run: RunState, event: RunEvent): RunState {
  switch (event.kind) {
    case 'started':
      return { ...run, backendPid: event.backendPid, statementCount: event.statements };
    case 'statement':
      return { ...run, statements: [...run.statements, newStatement(event.index, event.start, event.end)] };
    case 'result':
      return changed(run, event.index, () => ({
        result: { resultId: event.resultId, columns: event.columns, rows: 0 },
      }));
    case 'rows':
      return {
        ...run,
        statements: run.statements.map((statement) =>
          statement.result?.resultId === event.resultId
            ? { ...statement, result: { ...statement.result, rows: event.rows } }
            : statement,
        ),
      };
    case 'notice': {
      const { kind: _kind, ...notice } = event;
      return { ...run, messages: [...run.messages, { ...notice, statement: run.statements.at(-1)?.index ?? 0 }] };
    }
    case 'done':
      return changed(run, event.index, (statement) => ({
        state: 'done',
        command: event.command,
        rows: event.rows,
        durationMs: event.durationMs,
        truncated: event.truncated,
        result: statement.result === null ? null : { ...statement.result, rows: event.rows ?? statement.result.rows },
      }));
    case 'failed':
      return changed(run, event.index, () => ({
        state: 'failed',
        failure: event.failure,
        offset: event.offset,
        durationMs: event.durationMs,
      }));
    case 'finished':
      return { ...run, phase: 'finished', durationMs: event.durationMs };
    default:
      return assertNever(event);
  }
}

/** The run after its end without a last event: cancelled, or failed as a whole. */
export function ended(run: RunState, failure: Failure, nowMs: number): RunState {
  const cancelled = failure.code === 'cancelled';
  return {
    ...run,
    phase: 'finished',
    cancelled,
    durationMs: run.durationMs ?? nowMs - run.startedAt,
    failure: cancelled ? null : failure,
    statements: run.statements.map((statement) =>
      statement.state === 'running'
        ? {
            ...statement,
            state: 'failed',
            failure: { ...failure, message: cancelled ? 'Cancelled by you.' : failure.message },
          }
        : statement,
    ),
  };
}

/**
 * The transaction after a run that was broken off, for which no event tells it: one that was open, or was begun in the
 * run, has failed, because the server aborts it together with the statement.
 */
export function transactionAfterBreak(before: TransactionStatus, run: RunState): TransactionStatus {
  let status = before;
  for (const { state, command } of run.statements) {
    if (state !== 'done') break;
    if (command === 'BEGIN' || command === 'START TRANSACTION') status = 'in transaction';
    if (command === 'COMMIT' || command === 'ROLLBACK') status = 'idle';
  }
  return status === 'idle' ? 'idle' : 'failed transaction';
}

/** The transaction that a `finished` event tells of; null for other events. */
export function transactionOf(event: RunEvent): TransactionStatus | null {
  return event.kind === 'finished' ? event.transaction : null;
}

/** The statement that failed, if one did: a run stops at its first failure. */
export function failedStatement(run: RunState): StatementRun | null {
  return run.statements.find((statement) => statement.state === 'failed') ?? null;
}

function newStatement(index: number, start: number, end: number): StatementRun {
  return {
    index,
    start,
    end,
    state: 'running',
    command: null,
    rows: null,
    durationMs: null,
    truncated: false,
    result: null,
    failure: null,
    offset: null,
  };
}

function changed(run: RunState, index: number, change: (statement: StatementRun) => Partial<StatementRun>): RunState {
  const known = run.statements.some((statement) => statement.index === index);
  // A failure before any statement was announced (a syntax error) still gets its place.
  const statements = known ? run.statements : [...run.statements, newStatement(index, 0, run.sql.length)];
  return {
    ...run,
    statements: statements.map((statement) =>
      statement.index === index ? { ...statement, ...change(statement) } : statement,
    ),
  };
}
