import type { Threshold } from '../../health-check.ts';

/** SQL does not show how much memory a machine or container has: somebody has to say. */
export const serverMemory: Threshold = {
  usual: 0,
  unit: 'bytes',
  label: 'Memory of the server, 0 when unknown',
};

/** How to say it, for an answer that cannot be had without. */
export function howToTellMemory(checkId: string): string {
  return `SQL does not show the memory of the server; set the threshold ${checkId}.serverMemoryBytes to it.`;
}
