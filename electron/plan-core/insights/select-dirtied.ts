import type { Finding, PlanContext } from './plan-context.ts';
import { formatKilobytes, labelOf, titleLabel } from './plan-context.ts';

/** 8 MB: less is no matter. */
const LEAST_BLOCKS = 1000;

/** A reading statement that changed pages: it was the first to see what a writer left. Told once, where it was most. */
export function findSelectDirtied(context: PlanContext): Finding[] {
  if (context.ofType('ModifyTable').length > 0 || context.ofType('LockRows').length > 0) return [];
  const [node] = context.costly
    .filter((each) => (each.selfBuffers?.sharedDirtied ?? 0) >= LEAST_BLOCKS)
    .toSorted((a, b) => (b.selfBuffers?.sharedDirtied ?? 0) - (a.selfBuffers?.sharedDirtied ?? 0));
  if (!node) return [];
  const dirtied = formatKilobytes((node.selfBuffers?.sharedDirtied ?? 0) * 8);
  return [
    {
      rule: 'select-dirtied',
      nodeId: node.id,
      severity: 'info',
      title: `${titleLabel(node)} changed ${dirtied} of pages while reading`,
      message: `${labelOf(node)} set hint bits or pruned dead rows on ${dirtied} of pages: it was the first to read them after a large write. Those pages are written out, and the next run will be faster.`,
      verify: 'Run it a second time: dirtied disappears.',
      ignoreWhen: 'It is the first read after a load; VACUUM right after the load spares the readers.',
    },
  ];
}
