import type { HealthCheckResult, HealthReport } from '#contract/health-model.ts';
import type { CatalogReader } from '../../postgres/catalog-reader.ts';
import { isConnectionLoss } from '../../postgres/failure.ts';
import { healthChecks } from './checks/index.ts';
import { checkResult, failedResult, requirementGap, skippedResult } from './check-result.ts';
import type { CheckContext, HealthCheck } from './health-check.ts';
import { readHealthFacts } from './health-facts.ts';
import { HealthInputError } from './health-input-error.ts';

export interface HealthReportOptions {
  /** Ids of the checks to run; all of them when absent. */
  readonly only?: readonly string[];
  /** Aborting it cancels what runs on the server and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** How long one check may take. 10 seconds when absent. */
  readonly timeoutMs?: number;
  /** Called after each check. */
  readonly onProgress?: (done: number, total: number, checkId: string) => void;
}

/**
 * Asks every health check of one server and database. The readers are connections to it, all of the same user;
 * each runs one statement at a time, so two readers make two checks run side by side.
 * A check that fails costs only itself. Throws `HealthInputError` for unknown ids, the reader's error when a
 * connection is lost, and the signal's reason when aborted.
 */
export async function runHealthReport(
  readers: readonly CatalogReader[],
  options: HealthReportOptions = {},
): Promise<HealthReport> {
  const [firstReader] = readers;
  if (firstReader === undefined) throw new TypeError('runHealthReport needs at least one reader');
  const checks = chosenChecks(options.only);
  const timeoutMs = options.timeoutMs ?? 10_000;
  options.signal?.throwIfAborted();

  // The first failure that ends the report also stops what the other readers run.
  const failure = new AbortController();
  const signal = options.signal === undefined ? failure.signal : AbortSignal.any([options.signal, failure.signal]);
  const startedAt = new Date();
  const startedMs = performance.now();
  const facts = await abortable(readHealthFacts(firstReader, { signal, timeoutMs }), signal);
  const context: CheckContext = { facts, now: startedAt };
  const queue = [...checks.entries()];
  const results = new Map<number, HealthCheckResult>();
  // Checks that ask the same question share one answer.
  const answers = new Map<string, Promise<object[]>>();
  const run: Run = { context, signal, timeoutMs, answers };

  async function drain(reader: CatalogReader): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [position, check] = next;
      results.set(position, await runCheck(reader, check, run));
      options.onProgress?.(results.size, checks.length, check.id);
    }
  }

  try {
    await Promise.all(readers.map(drain));
  } catch (error) {
    failure.abort(error);
    options.signal?.throwIfAborted();
    throw error;
  }
  return {
    server: { version: facts.version, versionNum: facts.versionNum, inRecovery: facts.inRecovery },
    database: facts.database,
    user: facts.user,
    startedAt: startedAt.toISOString(),
    durationMs: performance.now() - startedMs,
    checks: checks.map((_, position) => results.get(position)).filter((result) => result !== undefined),
  };
}

function chosenChecks(only: readonly string[] | undefined): readonly HealthCheck[] {
  if (only === undefined) return healthChecks;
  const known = new Set(healthChecks.map((check) => check.id));
  const unknownIds = only.filter((id) => !known.has(id));
  if (unknownIds.length > 0) throw new HealthInputError(unknownIds);
  return healthChecks.filter((check) => only.includes(check.id));
}

interface Run {
  readonly context: CheckContext;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly answers: Map<string, Promise<object[]>>;
}

async function runCheck(reader: CatalogReader, check: HealthCheck, run: Run): Promise<HealthCheckResult> {
  const { context, signal, timeoutMs, answers } = run;
  const started = performance.now();
  const sql = check.sql(context.facts).trim();
  const timed = { sql, durationMs: 0 };
  const gap = requirementGap(check, context.facts);
  if (gap !== undefined) return skippedResult(check, timed, gap);
  try {
    const answer = answers.get(sql) ?? reader.rows<object>(sql, { signal, timeoutMs });
    answers.set(sql, answer);
    const rows = await abortable(answer, signal);
    const durationMs = performance.now() - started;
    return checkResult(check, { sql, durationMs }, check.findings(rows, context));
  } catch (error) {
    signal.throwIfAborted();
    if (isConnectionLoss(error)) throw error;
    return failedResult(check, { sql, durationMs: performance.now() - started }, error, context.facts, timeoutMs);
  }
}

/** Rejects as soon as the signal is aborted, whether or not the reader has noticed by then. */
async function abortable<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => {
    reject(signal.reason);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
