import type { Failure, FailureCode, PostgresErrorDetail } from '#contract/failure.ts';
import pg from 'pg';

import { ClusterError } from './cluster.ts';

/** The one error that services throw on purpose. Everything else is mapped by `toFailure`. */
export class StewardError extends Error {
  override readonly name = 'StewardError';
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }

  static of(
    code: FailureCode,
    message: string,
    more: { hint?: string; retryable?: boolean; cause?: unknown } = {},
  ): StewardError {
    const failure: Failure = {
      code,
      message,
      retryable: more.retryable ?? false,
      ...(more.hint ? { hint: more.hint } : {}),
    };
    return new StewardError(failure, more.cause === undefined ? {} : { cause: more.cause });
  }
}

/** Turns anything that was thrown into a `Failure`. Pure; keeps every field that PostgreSQL sent. */
export function toFailure(error: unknown): Failure {
  if (error instanceof StewardError) return error.failure;
  if (isAbort(error)) return { code: 'cancelled', message: 'Cancelled', retryable: true };
  const databaseError = postgresErrorIn(error);
  if (databaseError) return postgresFailure(databaseError);
  if (error instanceof ClusterError) {
    return {
      code: 'tool_failed',
      message: error.output ? `${error.message}: ${error.output}` : error.message,
      retryable: true,
    };
  }
  if (error instanceof AggregateError && error.errors.length > 0) return toFailure(error.errors[0]);
  if (error instanceof Error) return systemFailure(error);
  return { code: 'internal', message: String(error), retryable: false };
}

/** True for what means that the session is gone, so that the next use must open a new one. */
export function isConnectionLoss(error: unknown): boolean {
  const code = toFailure(error).code;
  return code === 'connection_lost' || code === 'unreachable';
}

function isAbort(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'AbortError' || (error as NodeJS.ErrnoException).code === 'ABORT_ERR')
  );
}

/** MikroORM wraps what pg throws and copies its fields: the five characters of a SQLSTATE and a severity tell them. */
function postgresErrorIn(error: unknown): pg.DatabaseError | undefined {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    const { code, severity } = cause as Partial<pg.DatabaseError>;
    if (cause instanceof pg.DatabaseError || (severity !== undefined && /^[0-9A-Z]{5}$/.test(code ?? ''))) {
      return cause as pg.DatabaseError;
    }
  }
  return undefined;
}

function postgresFailure(error: pg.DatabaseError): Failure {
  const sqlstate = error.code ?? 'XX000';
  // An ERROR leaves the session as it is: of class 08 it tells of a connection that the server made to another one.
  const elsewhere = sqlstate.startsWith('08') && error.severity === 'ERROR';
  const [code, retryable, hint]: [FailureCode, boolean, string?] = elsewhere
    ? ['postgres', false]
    : classifySqlState(sqlstate, error.message);
  const position = error.position === undefined ? undefined : Number(error.position);
  const detail: PostgresErrorDetail = {
    sqlstate,
    ...defined('severity', error.severity),
    ...defined('detail', error.detail),
    ...defined('hint', error.hint),
    ...defined('position', position),
    ...defined('where', error.where),
    ...defined('schema', error.schema),
    ...defined('table', error.table),
    ...defined('column', error.column),
    ...defined('constraint', error.constraint),
    ...defined('dataType', error.dataType),
    ...defined('routine', error.routine),
  };
  return { code, message: error.message, retryable, ...(hint ? { hint } : {}), postgres: detail };
}

/** SQLSTATE classes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function classifySqlState(sqlstate: string, message: string): [FailureCode, boolean, string?] {
  if (sqlstate === '57014') {
    return message.includes('timeout')
      ? ['timeout', true, 'Raise statement_timeout for this session, or make the statement cheaper.']
      : ['cancelled', true];
  }
  if (sqlstate === '28P01') return ['auth_failed', false, 'Check the user name and the password.'];
  if (sqlstate === '28000') {
    return [
      'auth_failed',
      false,
      'The server’s pg_hba.conf does not let this user in from here with these settings. Check user, database, sslmode and the rules there.',
    ];
  }
  if (sqlstate === '3D000')
    return ['not_found', false, 'Check the name of the database. Steward never creates one by connecting.'];
  if (sqlstate === '53300')
    return ['busy', true, 'All connection slots are taken. Close sessions or raise max_connections.'];
  if (sqlstate === '55P03')
    return ['timeout', true, 'Another session holds a lock on it. See who blocks, or try again later.'];
  if (sqlstate === '57P03')
    return ['unreachable', true, 'The server is starting up or shutting down. Try again in a moment.'];
  if (['57P01', '57P02', '57P05', '25P03'].includes(sqlstate) || sqlstate.startsWith('08')) {
    return [
      'connection_lost',
      true,
      'The server closed the session. The next use opens a new one; what was not committed is gone.',
    ];
  }
  return ['postgres', ['40001', '40P01'].includes(sqlstate)];
}

const unreachableCodes: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    'Nothing listens there. Check host and port, and whether the server runs and accepts TCP (listen_addresses).',
  ENOTFOUND: 'The host name is not known. Check its spelling and your DNS or VPN.',
  EAI_AGAIN: 'The host name could not be looked up. Check your network or VPN.',
  EHOSTUNREACH: 'There is no route to the host. Check your network or VPN.',
  ENETUNREACH: 'The network is not reachable. Check your network or VPN.',
  ETIMEDOUT: 'No answer in time. Check host, port and firewalls.',
  EACCES: 'The socket may not be opened by this user.',
  EHOSTDOWN: 'The host is down.',
};

function systemFailure(error: Error): Failure {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const message = error.message;
  if (/connection timeout|timeout expired|timeout exceeded when trying to connect/i.test(message)) {
    return {
      code: 'timeout',
      message: 'No answer from the server within the connect timeout',
      hint: 'Check host, port and firewalls; the time-out is in the settings.',
      retryable: true,
    };
  }
  if (code === 'ENOENT' && (error as NodeJS.ErrnoException).syscall === 'connect') {
    return {
      code: 'unreachable',
      message,
      hint: 'There is no server socket at this path. Is the server running?',
      retryable: true,
    };
  }
  const hint = unreachableCodes[code];
  if (hint !== undefined && (error as NodeJS.ErrnoException).syscall !== 'open')
    return { code: 'unreachable', message, hint, retryable: true };
  if (
    code.startsWith('ERR_TLS') ||
    code.includes('CERT') ||
    code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' ||
    code === 'SELF_SIGNED_CERT_IN_CHAIN' ||
    /SSL|TLS|certificate/.test(message)
  ) {
    return { code: 'tls_failed', message, hint: 'Check sslmode and the root certificate.', retryable: false };
  }
  if (
    /Connection terminated|Client has encountered a connection error|not queryable|Client was closed|read ECONNRESET|write EPIPE/i.test(
      message,
    ) ||
    code === 'ECONNRESET' ||
    code === 'EPIPE'
  ) {
    return {
      code: 'connection_lost',
      message: 'The connection to the server was lost',
      hint: `${message}. The next use opens a new session.`,
      retryable: true,
    };
  }
  if (
    ['EACCES', 'EPERM', 'ENOSPC', 'EROFS', 'ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'EDQUOT', 'EMFILE', 'EIO'].includes(
      code,
    )
  ) {
    return { code: 'input_output', message, retryable: ['ENOSPC', 'EDQUOT', 'EMFILE', 'EIO'].includes(code) };
  }
  if (/SASL|client password must be/i.test(message)) {
    const missing = /password must be/i.test(message);
    return {
      code: 'auth_failed',
      message: missing ? 'The server asks for a password, and there is none' : message,
      hint: 'Enter the password of this connection.',
      retryable: false,
    };
  }
  return { code: 'internal', message, retryable: false };
}

function defined<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };
}
