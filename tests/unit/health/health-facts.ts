import type { HealthFacts } from '../../../electron/services/health/health-check.ts';

/** Facts of an ordinary primary, with what a test wants to be different. */
export function healthFacts(different: Partial<HealthFacts> = {}): HealthFacts {
  return {
    versionNum: 180_004,
    version: '18.4',
    database: 'shop',
    user: 'app',
    isSuperuser: false,
    reachesOut: false,
    inRecovery: false,
    readsAllStats: true,
    extensions: new Map(),
    statsResetAt: '2026-10-01 00:00:00+00',
    statsAgeMs: 53 * 86_400_000,
    attachedStandbys: 0,
    ...different,
  };
}
