import type { ActivitySession, LockWait } from '#contract/activity.ts';

/** Which sessions are listed. */
export interface SessionFilter {
  readonly search: string;
  readonly hideIdle: boolean;
  readonly hideBackground: boolean;
  readonly hideOwn: boolean;
}

/** Whether it is a process of the server itself, and no client's. */
export function isBackground({ backendType }: ActivitySession): boolean {
  return backendType !== null && backendType !== 'client backend';
}

/**
 * The sessions that pass. Who blocks somebody is hidden neither as idle nor as a
 * background process: a lock may outlast a statement, and an autovacuum may hold one.
 */
export function filteredSessions(
  sessions: readonly ActivitySession[],
  waits: readonly LockWait[],
  { search, hideIdle, hideBackground, hideOwn }: SessionFilter,
): readonly ActivitySession[] {
  const blocking = new Set(waits.flatMap(({ blockedBy }) => blockedBy));
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return sessions.filter((session) => {
    if (hideOwn && session.own) return false;
    if (hideBackground && isBackground(session) && !blocking.has(session.pid)) return false;
    if (hideIdle && session.state === 'idle' && !blocking.has(session.pid)) return false;
    if (words.length === 0) return true;
    const text = [
      session.pid,
      session.user,
      session.database,
      session.application,
      session.client,
      session.state,
      session.waitEventType,
      session.waitEvent,
      session.backendType,
      session.query,
    ]
      .join('\n')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
