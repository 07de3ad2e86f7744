import type pg from 'pg';

import { toFailure } from '../../../postgres/failure.ts';
import { pause } from '../../live-value.ts';
import type { InvalidIndex } from './leftovers.ts';
import { pauseAfter, type StepPatience } from './run-steps.ts';

/** What became of a leftover. */
export type LeftoverEnd =
  | { readonly kind: 'dropped' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'valid' }
  | { readonly kind: 'stays'; readonly why: string };

/** Begins an entry of the audit; how it ended is told to what it answers, where the SQL was run. */
type Auditing = (sql: string) => (outcome: 'done' | 'failed', error: string | null) => void;

/**
 * Drops a leftover without stopping anybody. PostgreSQL drops concurrently by name alone, after it has waited for locks:
 * what has the name by then may be valid, and somebody's. So the index is looked at by its oid before each attempt, an
 * attempt waits a short time only, and there is none while somebody holds a lock on the table that a build takes, nor
 * before two looks have seen the same: a build gives its lock back a moment before it commits that its index is valid.
 */
export async function dropLeftover(
  client: pg.Client,
  leftover: InvalidIndex,
  patience: StepPatience,
  auditing: Auditing,
): Promise<LeftoverEnd> {
  const sql = `drop index concurrently if exists ${leftover.index_name};`;
  const tell = auditing(sql);
  let isTried = false;
  await client.query(`set lock_timeout = ${patience.lockTimeoutMs}`);
  const end = await untilDropped(client, leftover, patience, () => {
    isTried = true;
    return client.query(sql);
  });
  if (isTried) tell(end.kind === 'dropped' ? 'done' : 'failed', errorIn(end));
  return end;
}

function errorIn(end: LeftoverEnd): string | null {
  switch (end.kind) {
    case 'dropped':
      return null;
    case 'stays':
      return end.why;
    default:
      return `It is ${end.kind} by now`;
  }
}

async function untilDropped(
  client: pg.Client,
  leftover: InvalidIndex,
  patience: StepPatience,
  drop: () => Promise<unknown>,
): Promise<LeftoverEnd> {
  const started = performance.now();
  let before: Look['kind'] = 'held';
  for (let attempt = 1; ; attempt += 1) {
    const seen = await lookAt(client, leftover);
    const now = seen.kind === 'abandoned' && before === 'abandoned' ? await attemptOf(drop) : seen;
    before = seen.kind;
    if (now.kind !== 'abandoned' && now.kind !== 'held') return now;
    const isOver = performance.now() - started > patience.giveUpAfterMs;
    if (now.kind === 'held' && isOver) return { kind: 'stays', why: now.why };
    await pause(pauseAfter(attempt, patience));
  }
}

/** A lock that was not to be had in time, and a deadlock, are worth another attempt. */
async function attemptOf(drop: () => Promise<unknown>): Promise<LeftoverEnd | Held> {
  try {
    await drop();
    return { kind: 'dropped' };
  } catch (error) {
    const { message, postgres } = toFailure(error);
    return { kind: ['55P03', '40P01'].includes(postgres?.sqlstate ?? '') ? 'held' : 'stays', why: message };
  }
}

interface Held {
  readonly kind: 'held';
  readonly why: string;
}

type Look = { readonly kind: 'gone' } | { readonly kind: 'valid' } | { readonly kind: 'abandoned' } | Held;

/**
 * Run on PostgreSQL 13 to 18. Sessions with a lock on the table `$1` that an index may be built under. Locks are shown to
 * everybody, unlike the progress of others' builds. Autovacuum holds such a lock as well and gives way.
 */
const buildersSql = `
select
  held.pid,
  min(held.mode) as mode
from pg_catalog.pg_locks as held
join pg_catalog.pg_stat_activity as activity on activity.pid = held.pid
where held.locktype = 'relation'
  and held.database = (select oid from pg_catalog.pg_database where datname = current_database())
  and held.relation = $1::oid
  and held.granted
  and held.mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
  and held.pid <> pg_catalog.pg_backend_pid()
  and activity.usesysid is not null
group by held.pid
order by held.pid
limit 1`;

/** Run on PostgreSQL 13 to 18. The index `$1`, where it still has the name and the table. */
const stillThereSql = `
select ind.indisvalid as is_valid
from pg_catalog.pg_index as ind
join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
join pg_catalog.pg_namespace as schema on schema.oid = index_class.relnamespace
where ind.indexrelid = $1::oid
  and ind.indrelid = $2::oid
  and format('%I.%I', schema.nspname, index_class.relname) = $3`;

/** First the locks: a build that ends between both looks has made its index valid by the second. */
async function lookAt(client: pg.Client, leftover: InvalidIndex): Promise<Look> {
  const { oid, table_oid: tableOid, table_name: table, index_name: name } = leftover;
  const builders = await client.query<{ pid: number; mode: string }>(buildersSql, [tableOid]);
  const index = await client.query<{ is_valid: boolean }>(stillThereSql, [oid, tableOid, name]);
  const [found] = index.rows;
  if (found === undefined) return { kind: 'gone' };
  if (found.is_valid) return { kind: 'valid' };
  const [builder] = builders.rows;
  return builder === undefined
    ? { kind: 'abandoned' }
    : { kind: 'held', why: `process ${builder.pid} holds ${builder.mode} on ${table} and may be building it` };
}
