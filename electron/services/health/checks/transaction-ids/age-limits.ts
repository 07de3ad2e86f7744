import type { Severity } from '#contract/health-model.ts';
import type { Limits, Threshold } from '../../health-check.ts';

/** Half of the 32-bit space: beyond it old rows would seem to lie in the future. */
export const transactionIdLimit = 2 ** 31;

/** The age at which the server stops giving out ids: 3 million before the limit since 14. */
export const stopAge = transactionIdLimit - 3_000_000;

export type AgeLimit = 'warnShare' | 'criticalShare' | 'timesFreezeMaxAge';

/** The catalogue's; check_postgres warns at about 60 %, pganalyze at 50 and 80 %. */
export const ageThresholds: Readonly<Record<AgeLimit, Threshold>> = {
  warnShare: { usual: 0.5, unit: 'ratio', label: 'Share of the 2.1 billion that is a warning' },
  criticalShare: { usual: 0.75, unit: 'ratio', label: 'Share of the 2.1 billion that is critical' },
  timesFreezeMaxAge: {
    usual: 2,
    unit: 'ratio',
    label: 'Age, in times of autovacuum_freeze_max_age, below which nothing is a warning',
  },
};

const usualAgeLimits: Limits<AgeLimit> = {
  warnShare: ageThresholds.warnShare.usual,
  criticalShare: ageThresholds.criticalShare.usual,
  timesFreezeMaxAge: ageThresholds.timesFreezeMaxAge.usual,
};

/**
 * How bad an age is. Never a warning below twice the age at which autovacuum starts to freeze: an age that rises to that
 * mark and falls again is how a healthy database looks.
 */
export function ageSeverity(
  age: number,
  freezeMaxAge: number,
  limits: Limits<AgeLimit> = usualAgeLimits,
): Severity | undefined {
  if (age >= limits.criticalShare * transactionIdLimit) return 'critical';
  if (age < limits.timesFreezeMaxAge * freezeMaxAge) return undefined;
  return age >= limits.warnShare * transactionIdLimit ? 'warning' : undefined;
}
