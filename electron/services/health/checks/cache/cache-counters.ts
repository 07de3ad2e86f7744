import { formatBytes, formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import type { HealthFacts } from '../../health-check.ts';
import type { HealthFinding } from '#contract/health-model.ts';

/** Blocks found in shared buffers, and blocks asked of the operating system, since statistics began. */
export interface CacheCountersRow {
  readonly blocks_hit: string;
  readonly blocks_read: string;
  readonly block_bytes: number;
}

/** Below this many accesses a ratio says nothing. */
export const minAccesses = 100_000;
const goodRatio = 0.95;

/** Judges one pair of counters. The operating system's cache is not seen: a miss may still be fast. */
export function cacheFindings(
  row: CacheCountersRow | undefined,
  what: string,
  object: string,
  facts: HealthFacts,
): HealthFinding[] {
  if (row === undefined) return [];
  const accesses = Number(row.blocks_hit) + Number(row.blocks_read);
  if (accesses < minAccesses) return [];
  const ratio = Number(row.blocks_hit) / accesses;
  if (ratio >= goodRatio) return [];
  return [
    {
      object,
      severity: ratio < 0.9 ? 'warning' : 'info',
      message: `${formatPercent(ratio)} of ${formatCount(accesses)} ${what} were found in shared buffers.`,
      evidence: [
        { label: 'Found in shared buffers', value: formatCount(row.blocks_hit) },
        {
          label: 'Read from outside',
          value: `${formatCount(row.blocks_read)} (${formatBytes(Number(row.blocks_read) * row.block_bytes)})`,
        },
        { label: 'Statistics since', value: facts.statsResetAt ?? 'never reset' },
      ],
      caution:
        'More shared_buffers helps only if the same data is read again and again; first look for scans that an index would avoid.',
      confidence: 'low',
      confidenceReason: `A ratio over ${facts.statsResetAt === null ? 'all time' : formatDuration(facts.statsAgeMs)} hides short cliffs, and the operating system's cache is not counted.`,
    },
  ];
}
