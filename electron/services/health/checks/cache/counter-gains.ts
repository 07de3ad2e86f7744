import type { CheckContext } from '../../health-check.ts';

/** What cumulative counters have gained since the report before, and in what time. */
export interface CounterGains<Name extends string> {
  readonly gained: Readonly<Record<Name, number>>;
  readonly windowMs: number;
}

/**
 * The gain of each counter since the earlier report of the same database, by the keys of its measures. Undefined for a
 * first report, where one of the counters was not kept then, and where statistics were reset or lost since.
 */
export function gainsSince<Name extends string>(
  counters: Readonly<Record<Name, { readonly key: string; readonly value: number }>>,
  { earlier, facts, now }: Pick<CheckContext, 'earlier' | 'facts' | 'now'>,
): CounterGains<Name> | undefined {
  if (earlier === undefined) return undefined;
  const windowMs = now.getTime() - earlier.takenAt.getTime();
  // Counters that are younger than the earlier report have lost what it saw.
  if (windowMs <= 0 || facts.statsAgeMs < windowMs) return undefined;
  const gained: Partial<Record<Name, number>> = {};
  for (const name in counters) {
    const { key, value } = counters[name];
    const before = earlier.values.get(key);
    if (before === undefined || before > value) return undefined;
    gained[name] = value - before;
  }
  return { gained: gained as Record<Name, number>, windowMs };
}
