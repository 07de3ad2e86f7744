import type { HealthFinding } from '#contract/health-model.ts';
import { formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { gainsSince } from './counter-gains.ts';
import { counterMeasure } from './database-counters.ts';

interface Row {
  /** Syncs that sessions had to do themselves. */
  readonly fsyncs: string;
  /** Dirty buffers that sessions wrote to get a free one, and those that the background processes wrote. Null before 16. */
  readonly backend_writes: string | null;
  readonly background_writes: string | null;
  readonly age_ms: number;
}

const hourMs = 3_600_000;

type LimitName = 'minFsyncs' | 'fsyncsPerHour' | 'minWrites' | 'writeShare';

export const backendsWrite: HealthCheck<Row, LimitName> = {
  id: 'CAC06',
  group: 'cache',
  basis: 'statistics',
  title: 'Sessions that do the work of background processes',
  why: 'The checkpointer and the background writer are there to write and sync buffers. When sessions have to do it, queries wait for the disk; a session that must sync a file itself waits longest.',
  thresholds: {
    // The catalogue's "any", above what index builds add: they sync their own files, and since 16 are counted here too.
    minFsyncs: { usual: 100, unit: 'count', label: 'Fewest syncs by sessions that are reported' },
    fsyncsPerHour: { usual: 10, unit: 'count', label: 'Syncs by sessions an hour that are reported' },
    minWrites: { usual: 100_000, unit: 'count', label: 'Fewest writes to judge a share by' },
    writeShare: { usual: 0.5, unit: 'ratio', label: 'Share of writes by sessions that is reported' },
  },
  // Run on PostgreSQL 13 to 18. buffers_backend counts new pages as well and says nothing; pg_stat_io tells them apart.
  // Up to 16 buffers_backend_fsync counts only what the checkpointer's full queue refused.
  sql: ({ versionNum }) =>
    versionNum >= 160_000
      ? `
select
  ${
    versionNum >= 170_000
      ? "coalesce(sum(io.fsyncs) filter (where io.backend_type = 'client backend'), 0)::int8"
      : '(select buffers_backend_fsync from pg_catalog.pg_stat_bgwriter)'
  } as fsyncs,
  coalesce(sum(io.writes) filter (where io.backend_type = 'client backend'), 0)::int8 as backend_writes,
  coalesce(sum(io.writes) filter (
    where io.backend_type in ('background writer', 'checkpointer')), 0)::int8 as background_writes,
  coalesce(extract(epoch from clock_timestamp() - min(io.stats_reset))::float8 * 1000, 0) as age_ms
from pg_catalog.pg_stat_io as io
where io.object = 'relation'
  and io.context = 'normal'`
      : `
select
  writer.buffers_backend_fsync as fsyncs,
  null::int8 as backend_writes,
  null::int8 as background_writes,
  coalesce(extract(epoch from clock_timestamp() - writer.stats_reset)::float8 * 1000, 0) as age_ms
from pg_catalog.pg_stat_bgwriter as writer`,
  findings([row], context) {
    if (row === undefined) return [];
    const { limits } = context;
    const counters = { ...context, facts: { ...context.facts, statsAgeMs: row.age_ms } };
    const findings: HealthFinding[] = [];
    const syncs = gainsSince({ fsyncs: { key: 'io.backend_fsyncs', value: Number(row.fsyncs) } }, counters);
    const fsyncs = syncs?.gained.fsyncs ?? Number(row.fsyncs);
    const windowMs = syncs?.windowMs ?? row.age_ms;
    const since = (recent: boolean, ms: number) => `${formatDuration(ms)}${recent ? ' since the last report' : ''}`;
    if (fsyncs >= limits.minFsyncs && (fsyncs * hourMs) / Math.max(1, windowMs) >= limits.fsyncsPerHour) {
      findings.push({
        object: 'checkpointer',
        severity: 'warning',
        message: `Sessions had to sync files themselves ${formatCount(fsyncs)} times in ${since(syncs !== undefined, windowMs)}.`,
        measure: fsyncs,
        evidence: [{ label: 'Syncs by sessions', value: formatCount(fsyncs) }],
        caution:
          'The queue of the checkpointer was full: it cannot keep up with the disk, or shared_buffers is very small. Index builds add a few.',
      });
    }
    if (row.backend_writes !== null && row.background_writes !== null) {
      const gains = gainsSince(
        {
          backend: { key: 'io.backend_writes', value: Number(row.backend_writes) },
          background: { key: 'io.background_writes', value: Number(row.background_writes) },
        },
        counters,
      );
      const total = (values: { backend: number; background: number }) => values.backend + values.background;
      const recent = gains !== undefined && total(gains.gained) >= limits.minWrites ? gains : undefined;
      const writes = recent?.gained ?? {
        backend: Number(row.backend_writes),
        background: Number(row.background_writes),
      };
      const share = writes.backend / Math.max(1, total(writes));
      if (total(writes) >= limits.minWrites && share >= limits.writeShare) {
        findings.push({
          object: 'background writer',
          severity: 'info',
          message: `Sessions wrote ${formatPercent(share)} of ${formatCount(total(writes))} dirty buffers themselves in ${since(recent !== undefined, recent?.windowMs ?? row.age_ms)}.`,
          measure: share,
          evidence: [
            { label: 'Written by sessions', value: formatCount(writes.backend) },
            { label: 'Written by background processes', value: formatCount(writes.background) },
          ],
          caution:
            'A larger shared_buffers, or a higher bgwriter_lru_maxpages with a lower bgwriter_delay, leaves more clean buffers for sessions.',
        });
      }
    }
    return findings;
  },
  measures([row]) {
    if (row === undefined) return [];
    return [
      counterMeasure('io.backend_fsyncs', 'Syncs by sessions', row.fsyncs),
      ...(row.backend_writes === null
        ? []
        : [counterMeasure('io.backend_writes', 'Buffers written by sessions', row.backend_writes)]),
      ...(row.background_writes === null
        ? []
        : [counterMeasure('io.background_writes', 'Buffers written by background processes', row.background_writes)]),
    ];
  },
};
