import { formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { blockedSessionsSql, queueDepth, type BlockedRow } from './blocked-sessions.ts';
import { sessionEvidence } from './session-row.ts';

export const lockQueue: HealthCheck<BlockedRow> = {
  id: 'TXN08',
  group: 'locks',
  basis: 'moment',
  title: 'Queues behind a waiting lock',
  why: 'A statement that waits for a strong lock makes everybody wait who comes after it, even readers. That is how a short ALTER TABLE behind one long query stops a whole application.',
  sql: ({ versionNum }) => blockedSessionsSql(versionNum),
  findings(rows) {
    const blockers = new Set(rows.flatMap((row) => row.blocked_by));
    return rows
      .filter((row) => blockers.has(row.pid))
      .map((row) => ({ row, behind: rows.filter((other) => other.blocked_by.includes(row.pid)) }))
      .filter(({ behind }) => behind.some((other) => queueDepth(other, rows) >= 3))
      .map(({ row, behind }) => ({
        object: `session ${row.pid}`,
        severity: 'critical' as const,
        message: `Session ${row.pid} waits for a lock itself, and ${formatCount(behind.length)} more wait behind it.`,
        evidence: [
          { label: 'Waits for', value: row.blocked_by.join(', ') },
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
        fixSql: `select pg_catalog.pg_cancel_backend(${row.pid});`,
        lock: lockTexts.none,
        caution: 'Cancels the waiting statement, so that those behind it can go on. Try it again with a lock_timeout.',
        confidence: 'high' as const,
      }));
  },
};
