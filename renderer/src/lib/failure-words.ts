import type { Failure } from '#contract/failure.ts';

const titles: Readonly<Record<Failure['code'], string>> = {
  bad_input: 'Something in the input does not fit',
  not_found: 'Not found',
  conflict: 'It conflicts with what is there',
  unreachable: 'The server cannot be reached',
  auth_failed: 'The server refused the login',
  tls_failed: 'The encrypted connection could not be made',
  timeout: 'It took too long',
  cancelled: 'Cancelled',
  postgres: 'PostgreSQL reported an error',
  connection_lost: 'The connection was lost',
  tool_missing: 'A client tool is missing',
  tool_failed: 'A client tool failed',
  input_output: 'A file could not be read or written',
  untrusted: 'This is not trusted yet',
  needs_answer: 'Steward needs an answer from you',
  refused: 'Steward does not do this',
  not_permitted: 'PostgreSQL does not permit this',
  store_unavailable: 'Steward’s store is not available',
  too_large: 'It is too large',
  busy: 'It is busy',
  internal: 'Something went wrong inside Steward',
};

/** One line that says what kind of thing went wrong; the server's own words stand below it. */
export function failureTitle(failure: Failure): string {
  return titles[failure.code];
}

/** One line for a list or a toast: the server's words with their SQLSTATE. */
export function failureLine(failure: Failure): string {
  return failure.postgres === undefined
    ? failure.message
    : `${failure.message} (SQLSTATE ${failure.postgres.sqlstate})`;
}
