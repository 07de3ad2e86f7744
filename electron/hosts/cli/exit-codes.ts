import type { Failure } from '#contract/failure.ts';

/** What the `steward` command ends with; stable for scripts. */
export const exitCodes = {
  done: 0,
  /** The answer is no: findings at or above --fail-on, a damaged archive, a failed gate. */
  no: 1,
  /** Bad input or usage. */
  usage: 2,
  /** The server cannot be reached, or does not let this user in. */
  unreachable: 3,
  /** The operation failed. */
  failed: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command with a code and words for stderr. */
export class CliEnd extends Error {
  override readonly name = 'CliEnd';
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(exitCode: ExitCode, message: string, hint?: string) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

const usageCodes: readonly Failure['code'][] = ['bad_input', 'not_found', 'untrusted', 'conflict'];

/** The exit code of a failure that happened once the server was reached. */
export function exitCodeOf(failure: Failure): ExitCode {
  if (failure.code === 'unreachable') return exitCodes.unreachable;
  return usageCodes.includes(failure.code) && !failure.postgres ? exitCodes.usage : exitCodes.failed;
}
