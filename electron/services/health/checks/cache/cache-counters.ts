import type { HealthFinding, HealthMeasure } from '#contract/health-model.ts';
import { formatBytes, formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import type { CheckContext, Threshold } from '../../health-check.ts';
import { gainsSince } from './counter-gains.ts';
import { counterMeasure } from './database-counters.ts';

/** Blocks found in shared buffers, and blocks asked of the operating system, since statistics began. */
export interface CacheCountersRow {
  readonly blocks_hit: string;
  readonly blocks_read: string;
  readonly block_bytes: number;
}

export type CacheLimit = 'minAccesses' | 'goodShare' | 'poorShare';

/** The catalogue's 95 % over at least 100,000 accesses; fresha/pgdoctor's 90 % is where it calls a share poor. */
export const cacheThresholds: Readonly<Record<CacheLimit, Threshold>> = {
  minAccesses: { usual: 100_000, unit: 'count', label: 'Fewest block accesses to judge by' },
  goodShare: { usual: 0.95, unit: 'ratio', label: 'Share of hits below which it is reported' },
  poorShare: { usual: 0.9, unit: 'ratio', label: 'Share of hits below which it is a warning' },
};

/** What is counted, and the key of its measures. */
export interface CacheSubject {
  readonly object: string;
  /** What the accesses are, in the plural: `table block accesses`. */
  readonly accesses: string;
  readonly key: string;
}

/**
 * Judges one pair of counters: what came since the earlier report where that is enough to judge by, else all since
 * statistics began. The operating system's cache is not seen: a miss may still be fast.
 */
export function cacheFindings(
  row: CacheCountersRow | undefined,
  subject: CacheSubject,
  context: CheckContext<CacheLimit>,
): HealthFinding[] {
  if (row === undefined) return [];
  const { limits, facts } = context;
  const gains = gainsSince(
    {
      hit: { key: `${subject.key}.hit`, value: Number(row.blocks_hit) },
      read: { key: `${subject.key}.read`, value: Number(row.blocks_read) },
    },
    context,
  );
  const recent = gains !== undefined && gains.gained.hit + gains.gained.read >= limits.minAccesses ? gains : undefined;
  const hit = recent?.gained.hit ?? Number(row.blocks_hit);
  const read = recent?.gained.read ?? Number(row.blocks_read);
  const accesses = hit + read;
  if (accesses < limits.minAccesses || accesses === 0) return [];
  const share = hit / accesses;
  if (share >= limits.goodShare) return [];
  const since = recent
    ? `in the ${formatDuration(recent.windowMs)} since the last report`
    : `since statistics began${facts.statsResetAt === null ? '' : ` ${formatDuration(facts.statsAgeMs)} ago`}`;
  return [
    {
      object: subject.object,
      severity: share < limits.poorShare ? 'warning' : 'info',
      message: `${formatPercent(share)} of ${formatCount(accesses)} ${subject.accesses} were found in shared buffers ${since}.`,
      measure: 1 - share,
      evidence: [
        { label: 'Found in shared buffers', value: formatCount(hit) },
        { label: 'Read from outside', value: `${formatCount(read)} (${formatBytes(read * row.block_bytes)})` },
        ...(recent ? [] : [{ label: 'Statistics since', value: facts.statsResetAt ?? 'never reset' }]),
      ],
      caution:
        'More shared_buffers helps only if the same data is read again and again; first look for scans that an index would avoid. Scans of large tables, dumps and vacuum read past the buffers by design and lower the share.',
      ...(recent
        ? {
            confidence: 'medium' as const,
            confidenceReason: "The operating system's cache is not counted: a read from outside may still be fast.",
          }
        : {
            confidence: 'low' as const,
            confidenceReason:
              "A share over all time hides short cliffs and remembers old ones; the operating system's cache is not counted.",
          }),
    },
  ];
}

/** The counters to keep, so that the next report can judge what came since. */
export function cacheMeasures(row: CacheCountersRow | undefined, subject: CacheSubject): HealthMeasure[] {
  if (row === undefined) return [];
  return [
    counterMeasure(`${subject.key}.hit`, `Hits: ${subject.accesses}, ${subject.object}`, row.blocks_hit),
    counterMeasure(`${subject.key}.read`, `Reads: ${subject.accesses}, ${subject.object}`, row.blocks_read),
  ];
}
