import type { Json } from '../../workbench/workbench-store.ts';

/** How plans are asked for, beside analyzing or not. */
export interface ExplainOptions {
  readonly verbose: boolean;
  readonly settings: boolean;
  /** Only while analyzing. */
  readonly wal: boolean;
  /** Only while not analyzing: a plan for parameters without values. */
  readonly genericPlan: boolean;
  /** 0 for none. */
  readonly timeoutMs: number;
}

export const defaultOptions: ExplainOptions = {
  verbose: false,
  settings: true,
  wal: false,
  genericPlan: false,
  timeoutMs: 0,
};

/** Reads remembered options, with the defaults for whatever does not fit. */
export function optionsIn(memory: Json): ExplainOptions {
  if (typeof memory !== 'object' || memory === null || Array.isArray(memory)) return defaultOptions;
  const flag = (key: 'verbose' | 'settings' | 'wal' | 'genericPlan') =>
    typeof memory[key] === 'boolean' ? memory[key] : defaultOptions[key];
  const timeoutMs = memory['timeoutMs'];
  return {
    verbose: flag('verbose'),
    settings: flag('settings'),
    wal: flag('wal'),
    genericPlan: flag('genericPlan'),
    timeoutMs: typeof timeoutMs === 'number' && timeoutMs >= 0 ? Math.floor(timeoutMs) : 0,
  };
}
