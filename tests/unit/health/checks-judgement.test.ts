import { describe, expect, it } from 'vitest';

import { ageSeverity } from '../../../electron/services/health/checks/transaction-ids/age-limits.ts';
import {
  rootBlockers,
  queueDepth,
  type BlockedRow,
} from '../../../electron/services/health/checks/locks/blocked-sessions.ts';
import { columnNarrowerThanSequence } from '../../../electron/services/health/checks/sequences/seq02-column-narrower-than-sequence.ts';
import { sequenceNearItsEnd } from '../../../electron/services/health/checks/sequences/seq01-sequence-near-its-end.ts';
import type { SequenceUseRow } from '../../../electron/services/health/checks/sequences/sequence-use.ts';
import { outdatedVersion } from '../../../electron/services/health/checks/configuration/cfg18-outdated-version.ts';
import { tableCacheHits } from '../../../electron/services/health/checks/cache/cac01-table-cache-hits.ts';
import { replayLag } from '../../../electron/services/health/checks/replication/rep01-replay-lag.ts';
import type { CheckOutcome } from '../../../electron/services/health/health-check.ts';
import { contextOf } from './health-facts.ts';

function messages(outcome: CheckOutcome): string[] {
  return ('kind' in outcome ? (outcome.findings ?? []) : outcome).map(
    (finding) => `${finding.severity}: ${finding.message}`,
  );
}

describe('transaction id age', () => {
  it('is fine up to twice autovacuum_freeze_max_age, whatever the share of it', () => {
    const ages = [190_000_000, 399_000_000, 1_100_000_000, 1_700_000_000];
    expect(ages.map((age) => ageSeverity(age, 200_000_000))).toEqual([undefined, undefined, 'warning', 'critical']);
    expect([1_200_000_000, 1_700_000_000].map((age) => ageSeverity(age, 1_000_000_000))).toEqual([
      undefined,
      'critical',
    ]);
  });
});

describe('sequences', () => {
  const row: SequenceUseRow = {
    sequence_oid: '1',
    schema_name: 'public',
    sequence_name: 'public.s',
    sequence_type: 'bigint',
    can_read: true,
    last_value: '2104533975',
    min_value: '1',
    max_value: '9223372036854775807',
    increment: '1',
    cycles: false,
    feeds_key: false,
    table_oid: '2',
    table_name: 'public.t',
    column_name: 'id',
    column_type: 'integer',
    declared_type: 'integer',
    has_domain: false,
    is_identity: true,
    table_bytes: '8192',
    obstacles: [],
  };

  it('are judged by the column they feed', () => {
    expect(messages(columnNarrowerThanSequence.findings([row], contextOf(columnNarrowerThanSequence)))).toEqual([
      'critical: Column public.t.id (integer) has used 98 % of its values; its sequence would go on.',
    ]);
    expect(messages(sequenceNearItsEnd.findings([row], contextOf(sequenceNearItsEnd)))).toEqual([]);
  });

  it('that cannot be read are unknown, not fine', () => {
    const hidden = { ...row, can_read: false, last_value: null };
    expect(sequenceNearItsEnd.findings([hidden], contextOf(sequenceNearItsEnd))).toMatchObject({
      kind: 'cannot-tell',
      unlockSql: 'grant select on all sequences in schema public to app;',
    });
  });

  it('count down as well', () => {
    const down = { ...row, increment: '-1', min_value: '-100', max_value: '-1', last_value: '-95' };
    expect(messages(sequenceNearItsEnd.findings([down], contextOf(sequenceNearItsEnd)))).toEqual([
      'critical: Sequence public.s has used 94.9 % of its values; 5 are left.',
    ]);
  });
});

describe('blocked sessions', () => {
  function waiting(pid: number, ...blocked_by: number[]): BlockedRow {
    return {
      pid,
      blocked_by,
      waiting_ms: 1000,
      user_name: 'app',
      database_name: 'shop',
      application: '',
      query: 'select 1',
      backend_type: 'client backend',
      state: 'active',
      wanted: 'ShareLock on a row',
      wants_relation: false,
    };
  }

  it('are gathered by the session at the root', () => {
    const rows = [waiting(2, 1), waiting(3, 2), waiting(4, 2, 1)];
    expect([...rootBlockers(rows)].map(([root, behind]) => [root, behind.map((row) => row.pid)])).toEqual([
      [1, [2, 3, 4]],
    ]);
    expect(rows.map((row) => queueDepth(row, rows))).toEqual([2, 3, 3]);
  });

  it('in a circle have no root and end', () => {
    const rows = [waiting(1, 2), waiting(2, 1)];
    expect([...rootBlockers(rows)]).toEqual([]);
  });
});

describe('versions', () => {
  function judge(versionNum: number): string[] | string {
    const outcome = outdatedVersion.findings([{ version_num: versionNum, version: 'x' }], contextOf(outdatedVersion));
    return 'kind' in outcome ? outcome.reason : messages(outcome);
  }

  it('are compared with the table of releases', () => {
    expect([judge(130_023), judge(170_010), judge(180_001), judge(200_000)]).toEqual([
      ['critical: PostgreSQL 13 has had no fixes since 2025-11-13.'],
      [],
      ['warning: PostgreSQL 18.1 is at least 3 minor releases behind 18.4.'],
      "PostgreSQL 20 is not in Steward's table of releases of 2026-11-23.",
    ]);
  });
});

describe('cache hits', () => {
  it('say nothing below a hundred thousand reads', () => {
    const row = { blocks_hit: '100', blocks_read: '50000', block_bytes: 8192 };
    expect(messages(tableCacheHits.findings([row], contextOf(tableCacheHits)))).toEqual([]);
    expect(messages(tableCacheHits.findings([{ ...row, blocks_hit: '450000' }], contextOf(tableCacheHits)))).toEqual([
      'info: 90 % of 500,000 table block accesses were found in shared buffers since statistics began 53 days ago.',
    ]);
  });
});

describe('replay lag', () => {
  it('is known by what is left to replay where no commit was replayed yet', () => {
    const row = { lag_ms: null, behind_bytes: String(20 * 1024 ** 2), is_paused: true, delay_ms: 0 };
    expect(messages(replayLag.findings([row], contextOf(replayLag)))).toEqual([
      'warning: This standby is an unknown time behind: 20 MB received and not replayed, replay is paused.',
    ]);
    expect(
      messages(
        replayLag.findings([{ lag_ms: null, behind_bytes: '0', is_paused: false, delay_ms: 0 }], contextOf(replayLag)),
      ),
    ).toEqual([]);
  });
});
