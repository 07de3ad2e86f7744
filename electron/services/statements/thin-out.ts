/** How far apart snapshots are kept, by their age. The newest steps come first. */
export const keptSteps: readonly { readonly untilAgeMs: number; readonly everyMs: number }[] = [
  { untilAgeMs: 3_600_000, everyMs: 0 },
  { untilAgeMs: 86_400_000, everyMs: 600_000 },
  { untilAgeMs: 14 * 86_400_000, everyMs: 3_600_000 },
  { untilAgeMs: Infinity, everyMs: 6 * 3_600_000 },
];

/**
 * The snapshots that are not kept any more: older than the days that history is kept, or between others of their age.
 * Each step of the clock keeps its first one, so that what was kept once stays kept until its age asks for wider steps.
 * The newest always stays. Pure.
 */
export function snapshotsToDrop(
  snapshots: readonly { readonly id: string; readonly takenAtMs: number }[],
  nowMs: number,
  historyDays: number,
): string[] {
  const taken = new Set<string>();
  const dropped: string[] = [];
  const oldestFirst = snapshots.toSorted((a, b) => a.takenAtMs - b.takenAtMs);
  const newest = oldestFirst.at(-1)?.id;
  for (const { id, takenAtMs } of oldestFirst) {
    if (id === newest) continue;
    const ageMs = nowMs - takenAtMs;
    if (ageMs > historyDays * 86_400_000) {
      dropped.push(id);
      continue;
    }
    const step = keptSteps.find(({ untilAgeMs }) => ageMs <= untilAgeMs);
    if (step === undefined || step.everyMs === 0) continue;
    const slot = `${step.everyMs}/${Math.floor(takenAtMs / step.everyMs)}`;
    if (taken.has(slot)) dropped.push(id);
    else taken.add(slot);
  }
  return dropped;
}
