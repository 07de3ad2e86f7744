import { describe, expect, it } from 'vitest';

import type { ActivitySession, LockWait } from '#contract/activity.ts';

import { filteredSessions } from '../../../../../renderer/src/features/activity/sessions/session-filter.ts';
import {
  isLikelyCut,
  notASession,
  nothingToCancel,
  ownerWords,
  stateOf,
} from '../../../../../renderer/src/features/activity/sessions/session-words.ts';

function session(pid: number, changes: Partial<ActivitySession> = {}): ActivitySession {
  return {
    pid,
    backendStart: '2026-11-29 08:00:00+00',
    backendType: 'client backend',
    database: 'shop',
    user: 'clerk',
    application: 'psql',
    client: '10.0.0.1:40000',
    state: 'active',
    waitEventType: null,
    waitEvent: null,
    transactionMs: 1000,
    stateMs: 1000,
    queryMs: 1000,
    xminAge: null,
    leaderPid: null,
    query: 'select 1',
    own: false,
    ...changes,
  };
}

const hidden = { search: '', hideIdle: true, hideBackground: true, hideOwn: true };
const pids = (sessions: readonly ActivitySession[]): number[] => sessions.map(({ pid }) => pid);

describe('which sessions are listed', () => {
  const all = [
    session(1),
    session(2, { state: 'idle' }),
    session(3, { backendType: 'checkpointer', state: null }),
    session(4, { own: true }),
    session(5, { state: 'idle in transaction', application: 'Nightly Import' }),
    // Rights to see more are missing.
    session(6, { backendType: null, state: null, query: null }),
  ];

  it('those with work, until others are asked for', () => {
    expect(pids(filteredSessions(all, [], hidden))).toEqual([1, 5, 6]);
    expect(pids(filteredSessions(all, [], { ...hidden, hideIdle: false }))).toEqual([1, 2, 5, 6]);
    expect(
      pids(filteredSessions(all, [], { search: '', hideIdle: false, hideBackground: false, hideOwn: false })),
    ).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('and whoever blocks somebody, even idle', () => {
    const waits: LockWait[] = [{ pid: 1, blockedBy: [2, 3], mode: null, target: null, waitMs: null }];
    expect(pids(filteredSessions(all, waits, hidden))).toEqual([1, 2, 3, 5, 6]);
  });

  it('of which a search finds all words, anywhere', () => {
    expect(pids(filteredSessions(all, [], { ...hidden, search: 'import SHOP' }))).toEqual([5]);
    expect(pids(filteredSessions(all, [], { ...hidden, search: 'import billing' }))).toEqual([]);
  });
});

describe('words for a session', () => {
  it('say what it does', () => {
    const word = (changes: Partial<ActivitySession>): string => stateOf(session(1, changes)).word;
    expect(word({})).toBe('active');
    expect(word({ waitEventType: 'Lock', waitEvent: 'relation' })).toBe('waits for a lock');
    expect(word({ state: 'idle in transaction (aborted)' })).toBe('aborted, in transaction');
    expect(word({ state: null, backendType: 'walwriter' })).toBe('walwriter');
    expect(word({ state: null, backendType: null, query: null })).toBe('hidden');
  });

  it('say who it is', () => {
    expect(ownerWords(session(1))).toBe('psql, clerk on shop');
    expect(ownerWords(session(1, { user: null, database: null, application: '', backendType: 'walwriter' }))).toBe(
      'walwriter',
    );
  });

  it('say why there is nothing to stop', () => {
    expect(nothingToCancel(session(1))).toBeNull();
    expect(nothingToCancel(session(1, { state: 'idle in transaction' }))).toContain('runs no statement');
    expect(notASession(session(1, { backendType: 'autovacuum worker' }))).toBeNull();
    expect(notASession(session(1, { backendType: 'checkpointer' }))).toContain('checkpointer');
    expect(notASession(session(1, { own: true }))).toContain('Steward');
  });

  it('tell when the end of a statement is missing', () => {
    expect(isLikelyCut('x'.repeat(1023))).toBe(true);
    expect(isLikelyCut(`${'x'.repeat(1020)}é`)).toBe(true);
    expect(isLikelyCut('x'.repeat(4095))).toBe(true);
    expect(isLikelyCut('select 1')).toBe(false);
    expect(isLikelyCut('x'.repeat(1500))).toBe(false);
  });
});
