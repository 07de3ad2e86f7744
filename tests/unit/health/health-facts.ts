import {
  limitsOf,
  type CheckContext,
  type HealthCheck,
  type HealthFacts,
} from '../../../electron/services/health/health-check.ts';

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
    inherits: true,
    extensions: new Map(),
    statsResetAt: '2026-10-01 00:00:00+00',
    statsAgeMs: 53 * 86_400_000,
    attachedStandbys: 0,
    standbyScans: new Map(),
    standbysAsked: [],
    ...different,
  };
}

/** What a check is given when nobody has set a threshold: a day in November 2026, and the facts above. */
export function contextOf<LimitName extends string>(
  check: Pick<HealthCheck<never, LimitName>, 'id' | 'thresholds'>,
  different: Partial<Omit<CheckContext, 'limits'>> = {},
): CheckContext<LimitName> {
  return {
    facts: healthFacts(),
    now: new Date('2026-11-23T12:00:00Z'),
    limits: limitsOf(check, new Map()),
    ...different,
  };
}
