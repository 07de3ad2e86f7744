import { expect, test } from 'vitest';

import type { RunEvent } from '../../../../../electron/contract/query.ts';
import {
  ended,
  failedStatement,
  newRun,
  transactionAfterBreak,
  withEvent,
} from '../../../../../renderer/src/features/query/run-state.ts';

const start = newRun('r', 'begin; select 1; select x', 0, 1000);
const play = (events: readonly RunEvent[]) => events.reduce(withEvent, start);
const began: readonly RunEvent[] = [
  { kind: 'started', runId: 'r', backendPid: 7, statements: 3 },
  { kind: 'statement', index: 0, start: 0, end: 5 },
  { kind: 'done', index: 0, command: 'BEGIN', rows: null, durationMs: 1, truncated: false },
  { kind: 'statement', index: 1, start: 7, end: 15 },
  { kind: 'result', index: 1, resultId: 'one', columns: [] },
  { kind: 'rows', resultId: 'one', rows: 1 },
];

test('rows of a result grow while it is read', () => {
  expect(play(began).statements[1]?.result).toEqual({ resultId: 'one', columns: [], rows: 1 });
});

test('notices stand with the statement that was running', () => {
  expect(withEvent(play(began), { kind: 'notice', severity: 'NOTICE', message: 'hello' }).messages).toEqual([
    { severity: 'NOTICE', message: 'hello', statement: 1 },
  ]);
});

test('a failure before any statement was announced still has its place', () => {
  const failure = { code: 'postgres' as const, message: 'syntax error', retryable: false };
  const run = withEvent(start, { kind: 'failed', index: 0, failure, offset: 3, durationMs: 2 });
  expect(failedStatement(run)).toMatchObject({ index: 0, failure, offset: 3 });
});

test('a cancelled run fails its running statement and no other', () => {
  const run = ended(play(began), { code: 'cancelled', message: 'Cancelled.', retryable: true }, 1500);
  expect([run.cancelled, run.failure, run.durationMs, run.statements.map((statement) => statement.state)]).toEqual([
    true,
    null,
    500,
    ['done', 'failed'],
  ]);
});

test('a transaction that was begun in a cancelled run has failed', () => {
  expect(transactionAfterBreak('idle', play(began))).toBe('failed transaction');
  expect(transactionAfterBreak('in transaction', start)).toBe('failed transaction');
  expect(transactionAfterBreak('idle', start)).toBe('idle');
});
