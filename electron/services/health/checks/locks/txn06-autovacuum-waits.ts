import { formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { withSessionRights } from '../../unlock-sql.ts';
import { blockedSessionsSql, blockerNames, type BlockedRow } from './blocked-sessions.ts';
import { sessionEvidence } from './session-row.ts';

export const autovacuumWaits: HealthCheck<BlockedRow, 'minSeconds'> = {
  id: 'TXN06',
  group: 'locks',
  basis: 'moment',
  title: 'Autovacuum that waits for a lock',
  why: 'A worker that waits does nothing else, and there are few of them. Meanwhile its table grows old and dead rows stay, here and in the tables that come after it.',
  requires: { privilege: 'pg_monitor, to see what background processes do' },
  thresholds: {
    // The catalogue's five minutes.
    minSeconds: { usual: 300, unit: 'seconds', label: 'Shortest wait that is reported' },
  },
  sql: (facts) => blockedSessionsSql(facts),
  findings(rows, { facts, limits }) {
    return withSessionRights(
      rows
        .filter(
          (row) =>
            row.backend_type === 'autovacuum worker' &&
            row.blocked_by.length > 0 &&
            (row.waiting_ms ?? 0) >= limits.minSeconds * 1000,
        )
        .map((row) => {
          const blockers = rows.filter((other) => row.blocked_by.includes(other.pid));
          return {
            object: `process ${row.pid}`,
            severity: 'warning' as const,
            message: `Autovacuum (process ${row.pid}) has been waiting for ${formatDuration(row.waiting_ms ?? 0)} behind ${blockerNames(row.blocked_by)}.`,
            measure: row.waiting_ms ?? 0,
            evidence: [
              { label: 'Work', value: row.query ?? '(hidden)' },
              { label: 'Wants', value: row.wanted ?? 'unknown' },
              ...blockers.flatMap((blocker) => [
                {
                  label: 'Blocking session',
                  value: `${blocker.pid} (${blocker.state ?? blocker.backend_type ?? 'hidden'})`,
                },
                ...sessionEvidence(blocker),
              ]),
            ],
            caution: 'See what the blocking session is doing before it is ended (TXN01, TXN02).',
            confidence: 'high' as const,
          };
        }),
      facts,
    );
  },
};
