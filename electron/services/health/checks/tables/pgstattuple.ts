import type { HealthFinding } from '#contract/health-model.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { formatBytes, plural } from '../../format-values.ts';
import { cannotTell, type CheckOutcome, type HealthCheck, type HealthFacts } from '../../health-check.ts';
import { grantRole } from '../../unlock-sql.ts';

/** What a check has in common that measures with pgstattuple: it reads what it measures, so a report reads not all. */
export const measuresWithPgstattuple = {
  requires: { extension: 'pgstattuple', privilege: 'pg_stat_scan_tables, part of pg_monitor' },
  timeoutMs: 20_000,
  unlockSql: (facts) => grantRole('pg_stat_scan_tables', facts),
} as const satisfies Partial<HealthCheck>;

/** The quoted schema of the extension. */
export function pgstattupleSchema(facts: HealthFacts): string {
  return quoteIdentifier(facts.extensions.get('pgstattuple')?.schema ?? 'public');
}

/** The findings, or with relations that were too much to read: what stays unknown, and which check estimates it. */
export function withUnmeasured(
  findings: HealthFinding[],
  unmeasured: readonly string[],
  { one, many, maxReadBytes, estimatedBy }: UnmeasuredWords,
): CheckOutcome {
  if (unmeasured.length === 0) return findings;
  const named = unmeasured.slice(0, 5).join(', ');
  return cannotTell(
    `${plural(unmeasured.length, one, many)} not measured: a report reads at most ${formatBytes(maxReadBytes)} for this (${named}${unmeasured.length > 5 ? ', …' : ''}). ${estimatedBy} estimates them.`,
    { findings },
  );
}

interface UnmeasuredWords {
  readonly one: string;
  readonly many: string;
  readonly maxReadBytes: number;
  readonly estimatedBy: string;
}
