import { create } from 'zustand';

import { readUiMemory, writeUiMemory } from '../../workbench/ui-memory.ts';

import { defaultOptions, optionsIn } from './explain-options.ts';
import type { ExplainOptions } from './explain-options.ts';

const memoryKey = 'plans.explain-options';
let reading: Promise<void> | null = null;

/** The options as they were last set. */
export const useExplainOptions = create<ExplainOptions>(() => defaultOptions);

/** Brings back the options of an earlier window, once. */
export function readExplainOptions(): Promise<void> {
  reading ??= readUiMemory(memoryKey).then((memory) => useExplainOptions.setState(optionsIn(memory)));
  return reading;
}

/** Sets options, also for later windows. */
export function setExplainOptions(change: Partial<ExplainOptions>): void {
  useExplainOptions.setState(change);
  writeUiMemory(memoryKey, { ...useExplainOptions.getState() });
}
