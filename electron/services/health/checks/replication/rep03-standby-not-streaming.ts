import { formatBytes, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { hiddenStandbys, replicasSql, type ReplicaRow } from './replica-row.ts';

export const standbyNotStreaming: HealthCheck<ReplicaRow, 'graceSeconds'> = {
  id: 'REP03',
  group: 'replication',
  basis: 'moment',
  title: 'Standbys that are not streaming',
  why: 'A standby that is still catching up has not reached the present since it connected. In the first minutes, or while a large transaction is decoded, that is normal; for longer it means that it falls behind as fast as it gets on.',
  requires: { privilege: 'pg_monitor, to see other users’ replication' },
  thresholds: {
    graceSeconds: { usual: 300, unit: 'seconds', label: 'Time that a standby has to catch up' },
  },
  sql: () => replicasSql,
  findings(rows, { facts, limits }) {
    const findings = rows
      .filter((row) => row.kind === 'standby' || row.kind === 'subscriber')
      .filter((row) => row.state !== 'streaming')
      .filter((row) => (row.age_ms ?? 0) >= limits.graceSeconds * 1000)
      .map((row) => ({
        object: `${row.kind} ${row.name}`,
        severity: row.state === 'stopping' ? ('critical' as const) : ('warning' as const),
        message: `${row.name} has been connected for ${formatDuration(row.age_ms ?? 0)} and its state is still ${row.state ?? ''}.`,
        measure: row.age_ms ?? 0,
        evidence: [
          { label: 'State', value: row.state ?? '' },
          { label: 'Behind', value: formatBytes(row.behind_bytes ?? 0) },
        ],
        confidence: 'high' as const,
      }));
    return hiddenStandbys(rows, findings, facts);
  },
};
