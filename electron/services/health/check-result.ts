import type {
  HealthCheckResult,
  HealthFinding,
  OmittedFindings,
  Severity,
  UsedThreshold,
} from '#contract/health-model.ts';
import { toFailure } from '../../postgres/failure.ts';
import {
  cannotTell,
  isCannotTell,
  type CannotTell,
  type CheckOutcome,
  type HealthCheck,
  type HealthFacts,
  type Limits,
} from './health-check.ts';
import { formatDuration, plural } from './format-values.ts';

/** More findings of one check than this are counted, not listed. */
export const maxFindings = 200;

const severityOrder: readonly Severity[] = ['critical', 'warning', 'info'];

/** What was asked, with which numbers, and how long it took. */
export interface Proof {
  readonly sql: string;
  readonly durationMs: number;
  readonly limits: Limits<string>;
}

/**
 * The result of a check whose SQL ran. Findings come worst first, at most `most` of those that nobody accepts by name:
 * what is accepted takes nobody's place, and there is no more of it than somebody has named.
 */
export function checkResult(
  check: HealthCheck,
  proof: Proof,
  outcome: CheckOutcome,
  isAccepted: (finding: HealthFinding) => boolean,
  most = maxFindings,
): HealthCheckResult {
  const unsure = isCannotTell(outcome) ? outcome : undefined;
  const all = isCannotTell(outcome) ? (outcome.findings ?? []) : outcome;
  if (all.length === 0 && unsure !== undefined) return skippedResult(check, proof, unsure);
  const sorted = all.toSorted(
    (left, right) => severityOrder.indexOf(left.severity) - severityOrder.indexOf(right.severity),
  );
  const worst = sorted[0]?.severity;
  const omitted = new Set(sorted.filter((finding) => !isAccepted(finding)).slice(most));
  const reason = [
    unsure?.reason,
    omitted.size > 0 ? `${plural(omitted.size, 'more finding is', 'more findings are')} not listed.` : undefined,
  ]
    .filter((sentence) => sentence !== undefined)
    .join(' ');
  return {
    ...head(check, proof),
    status: sorted.length === 0 ? 'ok' : 'finding',
    ...(worst === undefined ? {} : { severity: worst }),
    ...(reason === '' ? {} : { reason }),
    ...(unsure?.unlockSql === undefined ? {} : { unlockSql: unsure.unlockSql }),
    findings: sorted.filter((finding) => !omitted.has(finding)),
    ...(omitted.size === 0 ? {} : { omitted: countBySeverity([...omitted]) }),
  };
}

/** The result of a check that has no answer. */
export function skippedResult(check: HealthCheck, proof: Proof, gap: CannotTell): HealthCheckResult {
  return {
    ...head(check, proof),
    status: 'skipped',
    reason: gap.reason,
    ...(gap.unlockSql === undefined ? {} : { unlockSql: gap.unlockSql }),
    findings: [],
  };
}

/**
 * The result of a check whose SQL threw: what is denied, or cannot be put into the session's encoding, becomes "skipped",
 * everything else an error with the server's words.
 */
export function failedResult(
  check: HealthCheck,
  proof: Proof,
  thrown: unknown,
  facts: HealthFacts,
  timeoutMs: number,
): HealthCheckResult {
  const failure = toFailure(thrown);
  const sqlstate = failure.postgres?.sqlstate;
  if (sqlstate === '42501') {
    const unlockSql = check.unlockSql?.(facts);
    return skippedResult(
      check,
      proof,
      cannotTell(
        `${facts.user} may not read this: ${failure.message}${unlockSql === undefined ? '; a superuser may' : ''}.`,
        unlockSql === undefined ? {} : { unlockSql },
      ),
    );
  }
  if (check.requires?.extension === 'pg_stat_statements' && (sqlstate === '22021' || sqlstate === '22P05')) {
    return skippedResult(
      check,
      proof,
      cannotTell(
        `The server would not tell the texts of statements (${sqlstate}: ${failure.message}): one statement of a database in another encoding is enough. Slow queries shows the numbers all the same.`,
      ),
    );
  }
  return {
    ...head(check, proof),
    status: 'error',
    reason: failureText(sqlstate, failure.message, timeoutMs),
    findings: [],
  };
}

function failureText(sqlstate: string | undefined, message: string, timeoutMs: number): string {
  switch (sqlstate) {
    case undefined:
      return message;
    case '57014':
      return `Stopped after ${formatDuration(timeoutMs)} without an answer (57014: ${message}).`;
    case '55P03':
      return `Somebody has locked a table that this reads, and the report does not wait for it (55P03: ${message}). Activity shows who holds the lock.`;
    default:
      return `${message} (${sqlstate})`;
  }
}

/** Why a check makes no sense on this server, if so. */
export function requirementGap(check: HealthCheck, facts: HealthFacts): CannotTell | undefined {
  const { minVersion, role, extension } = check.requires ?? {};
  if (minVersion !== undefined && facts.versionNum < minVersion) {
    return cannotTell(`Needs PostgreSQL ${Math.floor(minVersion / 10_000)} or later; this is ${facts.version}.`);
  }
  if (role === 'primary' && facts.inRecovery)
    return cannotTell('Only a primary can answer this; this server is a standby.');
  if (role === 'standby' && !facts.inRecovery)
    return cannotTell('Only a standby can answer this; this server is a primary.');
  if (extension !== undefined && !facts.extensions.has(extension)) {
    return cannotTell(`The extension ${extension} is not installed in ${facts.database}.`, {
      unlockSql: `create extension ${extension};`,
    });
  }
  return undefined;
}

function head(
  check: HealthCheck,
  proof: Proof,
): Pick<HealthCheckResult, 'id' | 'group' | 'title' | 'why' | 'basis' | 'thresholds' | 'durationMs' | 'sql'> {
  const thresholds = Object.entries(check.thresholds ?? {}).map(([name, threshold]): UsedThreshold => ({
    name,
    ...threshold,
    value: proof.limits[name] ?? threshold.usual,
  }));
  return {
    id: check.id,
    group: check.group,
    title: check.title,
    why: check.why,
    basis: check.basis,
    ...(thresholds.length === 0 ? {} : { thresholds }),
    durationMs: proof.durationMs,
    sql: proof.sql,
  };
}

function countBySeverity(findings: readonly HealthFinding[]): OmittedFindings {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return { critical: count('critical'), warning: count('warning'), info: count('info') };
}
