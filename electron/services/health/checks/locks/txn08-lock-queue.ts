import { formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import {
  blockedSessionsSql,
  blockerNames,
  isClient,
  queueDepth,
  stopsTable,
  withWaitTimes,
  type BlockedRow,
} from './blocked-sessions.ts';
import { sessionEvidence } from './session-row.ts';

export const lockQueue: HealthCheck<BlockedRow, 'minDepth' | 'minSeconds'> = {
  id: 'TXN08',
  group: 'locks',
  basis: 'moment',
  title: 'Queues behind a waiting lock',
  why: 'A statement that waits for a strong lock makes everybody wait who comes after it, even readers. That is how a short ALTER TABLE behind one long query stops a whole application.',
  thresholds: {
    // The catalogue's depth of three; a queue that lasts a moment is none.
    minDepth: { usual: 3, unit: 'count', label: 'Sessions one behind the other' },
    minSeconds: { usual: 5, unit: 'seconds', label: 'Shortest wait of the one in the middle' },
  },
  sql: (facts) => blockedSessionsSql(facts),
  findings(rows, { facts, limits }) {
    const blockers = new Set(rows.flatMap((row) => row.blocked_by));
    const findings = rows
      .filter(
        (row) =>
          row.blocked_by.length > 0 && blockers.has(row.pid) && (row.waiting_ms ?? 0) >= limits.minSeconds * 1000,
      )
      .map((row) => ({ row, behind: rows.filter((other) => other.blocked_by.includes(row.pid)) }))
      .filter(({ behind }) => behind.some((other) => queueDepth(other, rows) >= limits.minDepth))
      .map(({ row, behind }) => ({
        object: `session ${row.pid}`,
        // Others queue for one row, or beside those who read and write the table.
        severity: stopsTable(row) ? ('critical' as const) : ('warning' as const),
        message: `Session ${row.pid} waits for ${row.wanted ?? 'a lock'} itself, and ${formatCount(behind.length)} more wait behind it.`,
        measure: behind.length,
        evidence: [
          { label: 'Waits for', value: blockerNames(row.blocked_by) },
          { label: 'For', value: formatDuration(row.waiting_ms ?? 0) },
          {
            label: 'Behind it',
            value: behind
              .slice(0, 20)
              .map((other) => other.pid)
              .join(', '),
          },
          ...sessionEvidence(row),
        ],
        ...(isClient(row)
          ? {
              fixSql: `select pg_catalog.pg_cancel_backend(${row.pid});`,
              lock: lockTexts.none,
              caution:
                'Cancels the waiting statement, so that those behind it can go on. Try it again with a lock_timeout.',
            }
          : { caution: 'A process of the server itself: look at what it waits for (TXN03).' }),
        confidence: 'high' as const,
      }));
    return withWaitTimes(findings, rows, facts);
  },
};
