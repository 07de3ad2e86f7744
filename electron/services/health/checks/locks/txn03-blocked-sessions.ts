import { formatDuration, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import {
  blockedSessionsSql,
  blockerNames,
  isClient,
  rootBlockers,
  withWaitTimes,
  type BlockedRow,
} from './blocked-sessions.ts';
import { sessionEvidence } from './session-row.ts';

type LimitName = 'minSeconds' | 'warnSeconds' | 'criticalSeconds' | 'manySessions';

export const blockedSessions: HealthCheck<BlockedRow, LimitName> = {
  id: 'TXN03',
  group: 'locks',
  basis: 'moment',
  title: 'Sessions that wait for a lock',
  why: 'A session that holds a lock can make many others wait. Ending the one at the root frees them all; ending those that wait frees nobody.',
  thresholds: {
    // Short waits are how locks work. pganalyze: 3 sessions for 5 or 10 minutes.
    minSeconds: { usual: 5, unit: 'seconds', label: 'Shortest wait that is reported' },
    warnSeconds: { usual: 30, unit: 'seconds', label: 'Wait that is a warning' },
    criticalSeconds: { usual: 300, unit: 'seconds', label: 'Wait that is critical' },
    manySessions: { usual: 10, unit: 'count', label: 'Waiting sessions that are critical' },
  },
  sql: (facts) => blockedSessionsSql(facts),
  findings(rows, { facts, limits }) {
    const findings = [...rootBlockers(rows)].flatMap(([root, waiting]) => {
      const longestMs = Math.max(0, ...waiting.map((row) => row.waiting_ms ?? 0));
      if (longestMs < limits.minSeconds * 1000) return [];
      const isCritical = longestMs >= limits.criticalSeconds * 1000 || waiting.length >= limits.manySessions;
      const blocker = rows.find((row) => row.pid === root);
      const canEnd = blocker !== undefined && isClient(blocker);
      const what = root === 0 ? 'a prepared transaction' : canEnd ? `session ${root}` : `process ${root}`;
      return [
        {
          object: root === 0 ? 'prepared transaction' : `session ${root}`,
          severity: isCritical
            ? ('critical' as const)
            : longestMs >= limits.warnSeconds * 1000
              ? ('warning' as const)
              : ('info' as const),
          message: `${plural(waiting.length, 'session waits', 'sessions wait')} for ${what}, the longest for ${formatDuration(longestMs)}.`,
          measure: waiting.length,
          evidence: [
            ...(blocker === undefined
              ? []
              : [
                  { label: 'Blocking session', value: blocker.state ?? blocker.backend_type ?? '(hidden)' },
                  ...sessionEvidence(blocker),
                ]),
            ...waiting.slice(0, 5).flatMap((row) => [
              {
                label: 'Waiting session',
                value: `${row.pid} for ${formatDuration(row.waiting_ms ?? 0)}, behind ${blockerNames(row.blocked_by)}: ${row.wanted ?? ''}`,
              },
              ...sessionEvidence(row).slice(-1),
            ]),
          ],
          ...(root === 0
            ? { caution: 'See TXN04 for the prepared transaction.' }
            : canEnd
              ? {
                  fixSql: `select pg_catalog.pg_terminate_backend(${root});`,
                  lock: lockTexts.none,
                  caution: 'Rolls back what the blocking session has done.',
                }
              : {
                  caution:
                    blocker?.backend_type === 'startup'
                      ? 'Replay holds a lock that a transaction on the primary took: that one has to end.'
                      : 'A process of the server itself: autovacuum gives way unless it works against wraparound (XID08).',
                }),
          confidence: 'high' as const,
        },
      ];
    });
    return withWaitTimes(findings, rows, facts);
  },
};
