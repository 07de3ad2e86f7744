import type { LogLockWait, LogReport } from '#contract/logs.ts';

import type { LogEntry, LogEvent } from '../../plan-core/log/index.ts';
import { own, ownOrNull } from './own-text.ts';
import { redactStatement } from '../query/index.ts';
import type { StatementGroups } from './statement-groups.ts';
import type { Timeline } from './timeline.ts';

const mostWaits = 1000;
const mostOpenWaits = 20_000;
const mostDeadlocks = 200;
const mostText = 4000;
const mostObject = 400;

/** Waits for locks, and deadlocks. */
export class LogLocks {
  waitCount = 0;
  deadlockCount = 0;
  /** The first ones. */
  readonly deadlocks: LogReport['deadlockDetails'] = [];
  readonly #groups: StatementGroups;
  readonly #timeline: Timeline;
  #waits: LogLockWait[] = [];
  /** Those that the log has not told the end of, by the process: none waits for two locks. */
  readonly #openWaits = new Map<number, LogLockWait>();

  constructor(groups: StatementGroups, timeline: Timeline) {
    this.#groups = groups;
    this.#timeline = timeline;
  }

  /** A wait that lasts, or ended. Several messages about the same wait count once. */
  addWait(entry: LogEntry, event: Extract<LogEvent, { kind: 'lock-wait' }>): void {
    const outcome = event.state;
    if (outcome === 'avoided') return;
    const mode = event.mode;
    const object = event.object.slice(0, mostObject);
    const known = this.#openWaits.get(event.pid);
    if (known !== undefined && known.mode === mode && known.object === object) {
      known.waitedMs = Math.max(known.waitedMs, event.ms);
      known.outcome = outcome;
      if (outcome !== 'waiting') this.#openWaits.delete(event.pid);
      return;
    }
    this.waitCount += 1;
    if (entry.atMs !== null) this.#timeline.at(entry.atMs).lockWaits += 1;
    if (entry.statement !== null) this.#groups.of(entry.statement).lockWaits += 1;
    const wait: LogLockWait = {
      at: entry.atMs,
      pid: event.pid,
      mode: own(mode),
      object: own(object),
      waitedMs: event.ms,
      outcome,
      holders: event.holders.slice(0, 50),
      sql: entry.statement === null ? null : keptText(entry.statement),
      context: entry.context === null ? null : own(redactStatement(entry.context.slice(0, 1000))),
      user: ownOrNull(entry.user),
      database: ownOrNull(entry.database),
    };
    this.#waits.push(wait);
    this.#openWaits.delete(event.pid);
    if (outcome === 'waiting') this.#openWaits.set(event.pid, wait);
    if (this.#openWaits.size > mostOpenWaits) this.#openWaits.delete(this.#openWaits.keys().next().value ?? -1);
    if (this.#waits.length - this.#openWaits.size > mostWaits * 4) this.#trim();
  }

  /** A process that fails or ends does not wait any more; when it tries again, that is another wait. */
  failWait(pid: number): void {
    const wait = this.#openWaits.get(pid);
    if (wait === undefined) return;
    wait.outcome = 'failed';
    this.#openWaits.delete(pid);
  }

  /** An error, which counts where it is a deadlock. */
  addError(entry: LogEntry): void {
    if (entry.sqlstate !== '40P01' && !(entry.sqlstate === null && entry.message === 'deadlock detected')) return;
    this.deadlockCount += 1;
    if (this.deadlocks.length >= mostDeadlocks) return;
    this.deadlocks.push({
      at: entry.atMs,
      detail: keptText(entry.detail ?? ''),
      sql: entry.statement === null ? null : keptText(entry.statement),
    });
  }

  /** The longest waits, first. */
  finish(): LogLockWait[] {
    return longest(this.#waits);
  }

  /** Lets go of short waits. How long those are that still last is not known yet. */
  #trim(): void {
    const open = new Set(this.#openWaits.values());
    const ended = this.#waits.filter((wait) => !open.has(wait));
    this.#waits = [...longest(ended), ...open];
  }
}

function longest(waits: readonly LogLockWait[]): LogLockWait[] {
  return waits.toSorted((a, b) => b.waitedMs - a.waitedMs).slice(0, mostWaits);
}

/** As much of a text as is kept, secrets taken out. */
function keptText(text: string): string {
  return own(redactStatement(text.slice(0, 2 * mostText)).slice(0, mostText));
}
