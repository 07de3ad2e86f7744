import { setTimeout as wait } from 'node:timers/promises';

import type { HealthCheckResult, HealthMeasure, HealthReport } from '#contract/health-model.ts';
import type { Suppression } from '#contract/health.ts';
import type { CatalogReader } from '../../postgres/catalog-reader.ts';
import { isConnectionLoss } from '../../postgres/failure.ts';
import { annotateFindings } from './annotate-findings.ts';
import { healthChecks } from './checks/index.ts';
import { checkResult, failedResult, requirementGap, skippedResult } from './check-result.ts';
import {
  limitsOf,
  type EarlierMeasures,
  type HealthCheck,
  type HealthFacts,
  type Limits,
  type Slice,
} from './health-check.ts';
import { readHealthFacts } from './health-facts.ts';
import { HealthInputError } from './health-input-error.ts';
import { acceptedByName } from './report/suppressions.ts';
import { settingsSql } from './setting-row.ts';
import { settleFixes } from './settle-fixes.ts';
import { fixesOfStandby } from './standby-fixes.ts';

export interface HealthReportOptions {
  /** Ids of the checks to run; when absent, all but those that are asked only by name. */
  readonly only?: readonly string[];
  /** Ids of checks to run that are otherwise asked only by name. */
  readonly alsoAsk?: readonly string[];
  /** Thresholds that differ from the usual ones, by `ID.name`. */
  readonly thresholds?: ReadonlyMap<string, number>;
  /** Rules that hold on this connection now: findings that they name leave their places in the list to others. */
  readonly suppressions?: readonly Suppression[];
  readonly earlier?: EarlierMeasures | undefined;
  /** Index scans on standbys, by index oid, and the standbys that were asked. */
  readonly standbys?: Pick<HealthFacts, 'standbyScans' | 'standbysAsked'> | undefined;
  /** Aborting it cancels what runs on the server and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** How long a check may take that names no time of its own. 10 seconds when absent. */
  readonly timeoutMs?: number;
  /** How many findings of each check are listed, beside those that are suppressed. `maxFindings` when absent. */
  readonly most?: number;
  /** How long the first reader works alone. 3 seconds when absent. */
  readonly joinAfterMs?: number;
  /** Called after each check. */
  readonly onProgress?: (done: number, total: number, checkId: string) => void;
}

/**
 * Asks every health check of one server and database. The readers are connections to it, all of the same user;
 * each runs one statement at a time. The first one is enough for most databases, and the cheapest for the server: each
 * session opens relations and fills its caches for itself. The others join, one by one, where it takes long.
 * A check that fails costs only itself. Throws `HealthInputError` for unknown ids, the reader's error when a
 * connection is lost, and the signal's reason when aborted.
 */
export async function runHealthReport(
  readers: readonly CatalogReader[],
  options: HealthReportOptions = {},
): Promise<HealthReport> {
  const [firstReader] = readers;
  if (firstReader === undefined) throw new TypeError('runHealthReport needs at least one reader');
  const checks = chosenChecks(options);
  const timeoutMs = options.timeoutMs ?? 10_000;
  options.signal?.throwIfAborted();

  // The first failure that ends the report also stops what the other readers run.
  const failure = new AbortController();
  const signal = options.signal === undefined ? failure.signal : AbortSignal.any([options.signal, failure.signal]);
  const startedAt = new Date();
  const startedMs = performance.now();
  const facts = {
    ...(await abortable(readHealthFacts(firstReader, { signal, timeoutMs }), signal)),
    ...options.standbys,
  };
  const queue = [...checks.entries()];
  const results = new Map<number, HealthCheckResult>();
  // Checks that ask the same question share one answer.
  const answers = new Map<string, Promise<object[]>>();
  const measures: HealthMeasure[] = [];
  const run: Run = {
    facts,
    now: startedAt,
    earlier: options.earlier,
    thresholds: options.thresholds ?? new Map<string, number>(),
    suppressions: options.suppressions ?? [],
    most: options.most,
    signal,
    timeoutMs,
    answers,
    settings: [...new Set(checks.flatMap((check) => check.settings ?? []))],
    measures,
  };

  const finished = new AbortController();
  const over = AbortSignal.any([signal, finished.signal]);
  const joinAfterMs = options.joinAfterMs ?? 3000;
  async function drain(reader: CatalogReader, position: number): Promise<void> {
    if (position > 0) await wait(position * joinAfterMs, undefined, { signal: over }).catch(() => {});
    signal.throwIfAborted();
    // From both ends: checks of one group look at the same relations.
    const take = () => (position % 2 === 0 ? queue.shift() : queue.pop());
    for (let next = take(); next !== undefined; next = take()) {
      const [position, check] = next;
      results.set(position, await runCheck(reader, check, run));
      options.onProgress?.(results.size, checks.length, check.id);
    }
    finished.abort();
  }

  let annotatedResults: HealthCheckResult[];
  try {
    await Promise.all(readers.map(drain));
    const inOrder = checks.map((_, position) => results.get(position)).filter((result) => result !== undefined);
    const settled = settleFixes(inOrder);
    const possible = facts.inRecovery ? fixesOfStandby(settled) : settled;
    annotatedResults = await annotateFindings(possible, facts, firstReader, { signal, timeoutMs });
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
    checks: annotatedResults,
    measures: measures.toSorted((left, right) => left.key.localeCompare(right.key)),
  };
}

function chosenChecks({ only, alsoAsk = [] }: HealthReportOptions): readonly HealthCheck[] {
  const known = new Set(healthChecks.map((check) => check.id));
  const unknownIds = [...(only ?? []), ...alsoAsk].filter((id) => !known.has(id));
  if (unknownIds.length > 0) throw new HealthInputError(unknownIds);
  if (only === undefined)
    return healthChecks.filter((check) => check.onlyWhenAsked !== true || alsoAsk.includes(check.id));
  return healthChecks.filter((check) => only.includes(check.id));
}

interface Run {
  readonly facts: HealthFacts;
  readonly now: Date;
  readonly earlier: EarlierMeasures | undefined;
  readonly thresholds: ReadonlyMap<string, number>;
  readonly suppressions: readonly Suppression[];
  readonly most: number | undefined;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly answers: Map<string, Promise<object[]>>;
  /** Of all checks. */
  readonly settings: readonly string[];
  readonly measures: HealthMeasure[];
}

async function runCheck(reader: CatalogReader, check: HealthCheck, run: Run): Promise<HealthCheckResult> {
  const { facts, signal, answers } = run;
  const timeoutMs = check.timeoutMs ?? run.timeoutMs;
  const limits = limitsOf(check, run.thresholds);
  const started = performance.now();
  const sql = (check.settings === undefined ? check.sql(facts, limits) : settingsSql(run.settings, facts)).trim();
  const proof = () => ({ sql, limits, durationMs: performance.now() - started });
  const gap = requirementGap(check, facts);
  if (gap !== undefined) return skippedResult(check, { sql, limits, durationMs: 0 }, gap);
  try {
    const answer = answers.get(sql) ?? answerOf(reader, check, sql, { facts, limits, signal, timeoutMs });
    answers.set(sql, answer);
    const answered = ofItsSettings(check, await abortable(answer, signal));
    const rows = check.prepare === undefined ? answered : await abortable(check.prepare(answered), signal);
    const context = { facts, limits, now: run.now, earlier: run.earlier };
    const isAccepted = acceptedByName(run.suppressions, check.id);
    const result = checkResult(check, proof(), check.findings(rows, context), isAccepted, run.most);
    run.measures.push(...(check.measures?.(rows, context) ?? []));
    return result;
  } catch (error) {
    signal.throwIfAborted();
    if (isConnectionLoss(error)) throw error;
    return failedResult(check, proof(), error, facts, timeoutMs);
  }
}

function ofItsSettings({ settings }: HealthCheck, rows: object[]): object[] {
  return settings === undefined ? rows : rows.filter((row) => 'name' in row && settings.includes(String(row.name)));
}

/** The rows of a check's SQL, of all its slices together. They share the time that the check has. */
async function answerOf(
  reader: CatalogReader,
  { slicesSql, sql }: HealthCheck,
  whole: string,
  {
    signal,
    timeoutMs,
    facts,
    limits,
  }: Pick<Run, 'facts' | 'signal' | 'timeoutMs'> & { readonly limits: Limits<string> },
): Promise<object[]> {
  if (slicesSql === undefined) return reader.rows(whole, { signal, timeoutMs });
  const end = performance.now() + timeoutMs;
  const slices = await reader.rows<Slice>(slicesSql, { signal, timeoutMs });
  if (slices.length <= 1) return reader.rows(whole, { signal, timeoutMs });
  const part = sql(facts, limits, 'slice');
  const rows: object[][] = [];
  for (const { first_oid: first, last_oid: last } of slices) {
    const values = [first, last];
    rows.push(await reader.rows(part, { signal, values, timeoutMs: Math.max(1, end - performance.now()) }));
  }
  return rows.flat();
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
