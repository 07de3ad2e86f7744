import type { HealthCheckResult, HealthFinding } from '#contract/health-model.ts';

/** What a standby may be told, statement by statement: settings of its own, and to end what runs there. */
const standbyStatement =
  /^(?:alter system\s|select pg_catalog\.(?:pg_reload_conf|pg_terminate_backend|pg_cancel_backend|pg_wal_replay_resume|pg_drop_replication_slot)\()/i;

/**
 * Takes away the fixes that a standby would refuse, and says where they belong; what would unlock a check is for the
 * primary as well, from which it comes over.
 */
export function fixesOfStandby(checks: readonly HealthCheckResult[]): HealthCheckResult[] {
  return checks.map((check) => ({
    ...check,
    ...(check.unlockSql === undefined ? {} : { unlockSql: `-- On the primary:\n${check.unlockSql}` }),
    findings: check.findings.map(ofStandby),
  }));
}

function ofStandby(finding: HealthFinding): HealthFinding {
  const { fixSql, undoSql: _undoSql, lock: _lock, ...rest } = finding;
  if (fixSql === undefined || fixSql.split(/;\s*\n/).every((statement) => standbyStatement.test(statement.trim())))
    return finding;
  return {
    ...rest,
    caution: ['A standby only reads: the fix belongs to the primary.', finding.caution]
      .filter((text) => text !== undefined)
      .join(' '),
  };
}
