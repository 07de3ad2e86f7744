import type { PlanNode } from '#contract/plan-model.ts';
import type { JsonObject } from '../raw-plan.ts';
import { isJsonObject, numberOf } from '../raw-plan.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { formatKilobytes, severityOf, spentOf, titleLabel, workMemFor } from './plan-context.ts';

const LEAST_DISK_KB = 1024;
/** In memory a sort needs more than on disk, where rows are packed. */
const MEMORY_PER_DISK = 2.5;

/** A sort that did not fit into work_mem. */
export function findDiskSort(context: PlanContext): Finding[] {
  return context.costly.flatMap((node): Finding[] => {
    const spaces = diskSpaces(node);
    const diskKb = spaces.reduce((sum, space) => sum + space, 0);
    if (diskKb < LEAST_DISK_KB) return [];
    const savedMs = context.ownMs(node) / 2;
    const sql = workMemFor(Math.max(...spaces) * MEMORY_PER_DISK);
    const processes = spaces.length > 1 ? ` in ${spaces.length} processes` : '';
    return [
      {
        rule: 'disk-sort',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs } : {}),
        title: `${titleLabel(node)} spills ${formatKilobytes(diskKb)} to disk`,
        message: `The sort wrote ${formatKilobytes(diskKb)} to temporary files${processes} because it did not fit into work_mem${spentOf(context, context.ownMs(node))}. A sort in memory needs no files and can use quicksort.${sql === null ? ' No sane work_mem holds it: select fewer or narrower columns, or create an index in the order of the sort key.' : ''}`,
        ...(sql === null ? {} : { sql }),
        verify:
          'Run it again in the same transaction: Sort Method becomes quicksort or top-N heapsort, with Memory instead of Disk.',
        ignoreWhen:
          'Many sessions run this at once: work_mem counts for each sort of each of them. An index in the order of the sort key avoids the sort altogether.',
      },
    ];
  });
}

/** kB on disk of the node and of each worker; the node's own line tells the leader's only. */
function diskSpaces(node: PlanNode): number[] {
  const workers = node.properties['Workers'];
  const holders: JsonObject[] = [node.properties, ...(Array.isArray(workers) ? workers.filter(isJsonObject) : [])];
  return holders.flatMap((holder) => {
    const groups = ['Full-sort Groups', 'Pre-sorted Groups'].map((key) => holder[key]).filter(isJsonObject);
    const peaks = groups.map((group) =>
      isJsonObject(group['Sort Space Disk']) ? (numberOf(group['Sort Space Disk']['Peak Sort Space Used']) ?? 0) : 0,
    );
    const own = holder['Sort Space Type'] === 'Disk' ? (numberOf(holder['Sort Space Used']) ?? 0) : 0;
    const most = Math.max(own, ...peaks);
    return most > 0 ? [most] : [];
  });
}
