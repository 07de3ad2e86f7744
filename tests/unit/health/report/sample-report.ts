import type { HealthCheckResult, HealthFinding, HealthReport } from '#contract/health-model.ts';

/** A finding with what a test wants to be different. */
export function aFinding(different: Partial<HealthFinding> = {}): HealthFinding {
  return {
    object: 'public.orders',
    severity: 'warning',
    message: 'Table public.orders has 3 dead rows for each living one.',
    evidence: [{ label: 'Dead rows', value: '300' }],
    confidence: 'high',
    ...different,
  };
}

/** The answer of one check; its status follows from its findings unless it is named. */
export function aCheck(id: string, findings: HealthFinding[], different: Partial<HealthCheckResult> = {}) {
  const check: HealthCheckResult = {
    id,
    group: 'tables',
    title: `Title of ${id}`,
    why: 'It matters because of this.',
    status: findings.length > 0 ? 'finding' : 'ok',
    findings,
    durationMs: 12,
    sql: 'select 1',
    ...different,
  };
  return check;
}

export function aReport(checks: HealthCheckResult[], different: Partial<HealthReport> = {}): HealthReport {
  return {
    server: { version: '18.4', versionNum: 180_004, inRecovery: false },
    database: 'shop',
    user: 'app',
    startedAt: '2026-11-23T12:00:00.000Z',
    durationMs: 1234,
    checks,
    ...different,
  };
}
