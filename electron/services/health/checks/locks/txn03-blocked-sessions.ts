import { formatDuration, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { blockedSessionsSql, rootBlockers, type BlockedRow } from './blocked-sessions.ts';
import { sessionEvidence } from './session-row.ts';

export const blockedSessions: HealthCheck<BlockedRow> = {
  id: 'TXN03',
  group: 'locks',
  basis: 'moment',
  title: 'Sessions that wait for a lock',
  why: 'A session that holds a lock can make many others wait. Ending the one at the root frees them all; ending those that wait frees nobody.',
  sql: ({ versionNum }) => blockedSessionsSql(versionNum),
  findings(rows) {
    return [...rootBlockers(rows)].map(([root, waiting]) => {
      const longestMs = Math.max(0, ...waiting.map((row) => row.waiting_ms ?? 0));
      const isSlow = longestMs >= 300_000 || waiting.length >= 10;
      const what = root === 0 ? 'a prepared transaction' : `session ${root}`;
      return {
        object: root === 0 ? 'prepared transaction' : `session ${root}`,
        severity: isSlow ? ('critical' as const) : longestMs >= 10_000 ? ('warning' as const) : ('info' as const),
        message: `${plural(waiting.length, 'session waits', 'sessions wait')} for ${what}, the longest for ${formatDuration(longestMs)}.`,
        evidence: waiting.slice(0, 5).flatMap((row) => [
          {
            label: 'Waiting session',
            value: `${row.pid} for ${formatDuration(row.waiting_ms ?? 0)}, behind ${row.blocked_by.join(', ')}`,
          },
          ...sessionEvidence(row).slice(-1),
        ]),
        ...(root === 0
          ? { caution: 'See TXN04 for the prepared transaction.' }
          : {
              fixSql: `select pg_catalog.pg_terminate_backend(${root});`,
              lock: lockTexts.none,
              caution: 'Rolls back what the blocking session has done.',
            }),
        confidence: 'high' as const,
      };
    });
  },
};
