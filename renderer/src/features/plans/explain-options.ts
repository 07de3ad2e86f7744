import { type ExplainOptions, explainOptionsSchema } from '#contract/plans.ts';

import type { Json } from '../../workbench/workbench-store.ts';

export type { ExplainOptions };

export const defaultOptions: ExplainOptions = explainOptionsSchema.parse({});

/** Reads remembered options, with the defaults for whatever does not fit. */
export function optionsIn(memory: Json): ExplainOptions {
  if (typeof memory !== 'object' || memory === null || Array.isArray(memory)) return defaultOptions;
  const kept = Object.entries(memory).filter(
    ([key, value]) => explainOptionsSchema.partial().safeParse({ [key]: value }).success,
  );
  return explainOptionsSchema.parse(Object.fromEntries(kept));
}
