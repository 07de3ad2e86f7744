import type { Severity } from '#contract/health-model.ts';

/** Half of the 32-bit space: beyond it old rows would seem to lie in the future. */
export const transactionIdLimit = 2 ** 31;

/**
 * Half of the limit is a warning, three quarters critical. Never below twice the age at which autovacuum starts to
 * freeze: an age that rises to that mark and falls again is how a healthy database looks.
 */
export function ageSeverity(age: number, freezeMaxAge: number): Severity | undefined {
  if (age < 2 * freezeMaxAge && age < 0.75 * transactionIdLimit) return undefined;
  if (age >= 0.75 * transactionIdLimit) return 'critical';
  return age >= 0.5 * transactionIdLimit ? 'warning' : undefined;
}
