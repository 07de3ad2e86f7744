import { formatBytes } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { hiddenStandbys, replicasSql, type ReplicaRow } from './replica-row.ts';

export const standbyLagBytes: HealthCheck<ReplicaRow, 'warnBytes' | 'criticalBytes'> = {
  id: 'REP02',
  group: 'replication',
  basis: 'moment',
  title: 'Standbys that lag behind',
  why: 'What a standby has not replayed is lost to it for the time being, and all of it where the primary dies before it was sent. Steady lag means that network, disk or replay cannot keep up.',
  requires: { privilege: 'pg_monitor, to see other users’ replication' },
  thresholds: {
    // pganalyze: 100 MB and 1 GB.
    warnBytes: { usual: 100 * 1024 ** 2, unit: 'bytes', label: 'Lag that is a warning' },
    criticalBytes: { usual: 1024 ** 3, unit: 'bytes', label: 'Lag that is critical' },
  },
  sql: () => replicasSql,
  findings(rows, { facts, limits }) {
    const findings = rows.flatMap((row) => {
      const behind = Number(row.behind_bytes ?? 0);
      if (behind < Math.min(limits.warnBytes, limits.criticalBytes)) return [];
      return [
        {
          object: `${row.kind} ${row.name}`,
          severity: behind >= limits.criticalBytes ? ('critical' as const) : ('warning' as const),
          message: `${row.name} is ${formatBytes(behind)} behind this server (${formatBytes(row.unsent_bytes ?? 0)} not sent yet).`,
          measure: behind,
          evidence: [
            { label: 'Behind', value: formatBytes(behind) },
            { label: 'Not sent', value: formatBytes(row.unsent_bytes ?? 0) },
            { label: 'State', value: row.state ?? '(hidden)' },
            { label: 'Replay lag', value: row.replay_lag ?? 'unknown' },
          ],
          confidence: 'medium' as const,
          confidenceReason: 'One look: a burst of writes passes by itself.',
        },
      ];
    });
    return hiddenStandbys(rows, findings, facts);
  },
};
