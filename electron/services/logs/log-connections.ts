import type { LogReport } from '#contract/logs.ts';

import type { LogEntry, LogEvent } from '../../plan-core/log/index.ts';
import { Tally } from './tally.ts';
import type { Timeline } from './timeline.ts';

const mostListed = 100;
/** Of a name; a log that was changed by hand may hold anything. */
const longestName = 200;

/** Connections that came and went, and whose they were. */
export class LogConnections {
  readonly #timeline: Timeline;
  readonly #counts = { received: 0, authorized: 0, ended: 0 };
  /** Of the sessions whose length the log tells. */
  readonly #sessions = { count: 0, totalMs: 0 };
  readonly #by = new Tally(4 * mostListed, Infinity);

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  add(entry: LogEntry, { what, sessionMs }: Extract<LogEvent, { kind: 'connection' }>): void {
    this.#counts[what] += 1;
    switch (what) {
      case 'received':
        if (entry.atMs !== null) this.#timeline.at(entry.atMs).connections += 1;
        return;
      case 'authorized': {
        const named = (name: string) => new RegExp(`\\b${name}=(\\S+)`).exec(entry.message)?.[1] ?? null;
        const user = entry.user ?? named('user');
        const database = entry.database ?? named('database');
        this.#by.add(JSON.stringify([user, database, entry.client].map((name) => name?.slice(0, longestName) ?? null)));
        return;
      }
      case 'ended':
        if (sessionMs === null) return;
        this.#sessions.count += 1;
        this.#sessions.totalMs += sessionMs;
        return;
    }
  }

  finish(): LogReport['connections'] {
    const { count, totalMs } = this.#sessions;
    return {
      ...this.#counts,
      meanSessionMs: count === 0 ? null : totalMs / count,
      by: this.#by
        .entries()
        .slice(0, mostListed)
        .map(([key, count]) => {
          const [user, database, client] = JSON.parse(key) as (string | null)[];
          return { user: user ?? null, database: database ?? null, client: client ?? null, count };
        }),
    };
  }
}
