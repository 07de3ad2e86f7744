import type { LogTempFile } from '#contract/logs.ts';

import type { LogEntry } from '../../plan-core/log/index.ts';
import { own } from './own-text.ts';
import type { StatementGroups } from './statement-groups.ts';
import type { Timeline } from './timeline.ts';

const mostListed = 1000;

/** Temporary files, by the statements that wrote them. */
export class LogTempFiles {
  files = 0;
  bytes = 0;
  readonly #groups: StatementGroups;
  readonly #timeline: Timeline;
  #withoutStatement: LogTempFile | null = null;

  constructor(groups: StatementGroups, timeline: Timeline) {
    this.#groups = groups;
    this.#timeline = timeline;
  }

  add(entry: LogEntry, sizeBytes: number): void {
    this.files += 1;
    this.bytes += sizeBytes;
    if (entry.atMs !== null) this.#timeline.at(entry.atMs).tempBytes += sizeBytes;
    if (entry.statement === null) {
      const known = (this.#withoutStatement ??= {
        fingerprint: null,
        sql: null,
        files: 0,
        totalBytes: 0,
        maxBytes: 0,
        lastAt: null,
      });
      known.files += 1;
      known.totalBytes += sizeBytes;
      known.maxBytes = Math.max(known.maxBytes, sizeBytes);
      known.lastAt = entry.atMs;
      return;
    }
    const group = this.#groups.of(entry.statement);
    group.tempFiles += 1;
    group.tempBytes += sizeBytes;
    group.tempMaxBytes = Math.max(group.tempMaxBytes, sizeBytes);
    group.tempLastAt = entry.atMs;
  }

  /** The statements that wrote most, first. */
  finish(): LogTempFile[] {
    const listed: LogTempFile[] = this.#groups.all
      .filter(({ tempFiles }) => tempFiles > 0)
      .map((group) => ({
        fingerprint: group.fingerprint,
        sql: own(group.sql.slice(0, 2000)),
        files: group.tempFiles,
        totalBytes: group.tempBytes,
        maxBytes: group.tempMaxBytes,
        lastAt: group.tempLastAt,
      }));
    if (this.#withoutStatement !== null) listed.push(this.#withoutStatement);
    return listed.toSorted((a, b) => b.totalBytes - a.totalBytes).slice(0, mostListed);
  }
}
