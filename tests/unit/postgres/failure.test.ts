import pg from 'pg';
import { expect, it } from 'vitest';

import { failureSchema } from '#contract/failure.ts';

import { StewardError, toFailure } from '../../../electron/postgres/failure.ts';

const database = (code: string, message = 'words') =>
  Object.assign(new pg.DatabaseError(message, 0, 'error'), { code });
const system = (code: string, more: object = {}) => Object.assign(new Error(`system ${code}`), { code, ...more });

it.each([
  [database('42P01'), 'postgres', false],
  [database('40001'), 'postgres', true],
  [database('57014', 'canceling statement due to statement timeout'), 'timeout', true],
  [database('57014', 'canceling statement due to user request'), 'cancelled', true],
  [database('28P01'), 'auth_failed', false],
  [database('3D000'), 'not_found', false],
  [database('53300'), 'busy', true],
  [database('57P01'), 'connection_lost', true],
  [database('08006'), 'connection_lost', true],
  [Object.assign(database('08P01'), { severity: 'FATAL' }), 'connection_lost', true],
  // What a statement says of a connection that the server itself made to another one; the session goes on.
  [Object.assign(database('08006'), { severity: 'ERROR' }), 'postgres', false],
  [system('ECONNREFUSED', { syscall: 'connect' }), 'unreachable', true],
  [system('ENOENT', { syscall: 'connect' }), 'unreachable', true],
  [system('ENOENT', { syscall: 'open' }), 'input_output', false],
  [system('EACCES', { syscall: 'open' }), 'input_output', false],
  [system('ENOSPC'), 'input_output', true],
  [system('ECONNRESET'), 'connection_lost', true],
  [new Error('Connection terminated unexpectedly'), 'connection_lost', true],
  [system('SELF_SIGNED_CERT_IN_CHAIN'), 'tls_failed', false],
  [new AggregateError([system('ECONNREFUSED', { syscall: 'connect' })]), 'unreachable', true],
  [new DOMException('x', 'AbortError'), 'cancelled', true],
  [StewardError.of('too_large', 'big'), 'too_large', false],
  ['just a string', 'internal', false],
  [undefined, 'internal', false],
])('%o is %s', (thrown, code, retryable) => {
  const failure = toFailure(thrown);
  expect(failure).toMatchObject({ code, retryable });
  expect(failureSchema.safeParse(failure).success).toBe(true);
});

it('keeps every field that PostgreSQL sent', () => {
  const error = Object.assign(database('23505', 'duplicate key'), {
    detail: 'Key (id)=(1)',
    constraint: 'pk',
    table: 't',
    schema: 'public',
    column: 'id',
    position: '12',
    hint: 'h',
    routine: 'r',
    where: 'w',
  });
  expect(toFailure(new Error('wrapped', { cause: error })).postgres).toMatchObject({
    sqlstate: '23505',
    detail: 'Key (id)=(1)',
    constraint: 'pk',
    table: 't',
    schema: 'public',
    column: 'id',
    position: 12,
    hint: 'h',
    routine: 'r',
    where: 'w',
  });
});
