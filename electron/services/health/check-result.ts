import type { HealthCheckResult, HealthFinding, Severity, UsedThreshold } from '#contract/health-model.ts';
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
import { formatCount, formatDuration } from './format-values.ts';

/** More findings of one check than this are counted, not listed. */
export const maxFindings = 200;

const severityOrder: readonly Severity[] = ['critical', 'warning', 'info'];

/** What was asked, with which numbers, and how long it took. */
export interface Proof {
  readonly sql: string;
  readonly durationMs: number;
  readonly limits: Limits<string>;
}

/** The result of a check whose SQL ran. Findings come worst first, at most `maxFindings` of them. */
export function checkResult(check: HealthCheck, proof: Proof, outcome: CheckOutcome): HealthCheckResult {
  const unsure = isCannotTell(outcome) ? outcome : undefined;
  const all = isCannotTell(outcome) ? (outcome.findings ?? []) : outcome;
  if (all.length === 0 && unsure !== undefined) return skippedResult(check, proof, unsure);
  const sorted = all.toSorted(
    (left, right) => severityOrder.indexOf(left.severity) - severityOrder.indexOf(right.severity),
  );
  const worst = sorted[0]?.severity;
  const omitted = Math.max(0, sorted.length - maxFindings);
  const reason = [unsure?.reason, omitted > 0 ? `${formatCount(omitted)} more findings are not listed.` : undefined]
    .filter((sentence) => sentence !== undefined)
    .join(' ');
  return {
    ...head(check, proof),
    status: sorted.length === 0 ? 'ok' : 'finding',
    ...(worst === undefined ? {} : { severity: worst }),
    ...(reason === '' ? {} : { reason }),
    ...(unsure?.unlockSql === undefined ? {} : { unlockSql: unsure.unlockSql }),
    findings: omitted === 0 ? sorted : withOmission(sorted.slice(0, maxFindings), omitted),
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

/** The result of a check whose SQL threw: denied becomes "skipped", everything else an error with the server's words. */
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
  const reason =
    sqlstate === '57014'
      ? `Stopped after ${formatDuration(timeoutMs)} without an answer (57014: ${failure.message}).`
      : `${failure.message}${sqlstate === undefined ? '' : ` (${sqlstate})`}`;
  return { ...head(check, proof), status: 'error', reason, findings: [] };
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

function withOmission(findings: readonly HealthFinding[], omitted: number): HealthFinding[] {
  return findings.map((finding, position) =>
    position === findings.length - 1
      ? { ...finding, evidence: [...finding.evidence, { label: 'Findings not listed', value: formatCount(omitted) }] }
      : finding,
  );
}
