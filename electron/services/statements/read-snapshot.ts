import { setImmediate as breathe } from 'node:timers/promises';

import type { CatalogReader } from '../../postgres/catalog-reader.ts';
import { counterNames, withoutNesting, type SnapshotEntry, type StatementSnapshot } from './statement-snapshot.ts';
import {
  counterExpressions,
  snapshotSql,
  type AboutSnapshot,
  type Installed,
  type SnapshotRow,
} from './statements-sql.ts';

const timeoutMs = 30_000;
/** Rows that are read before others get their turn. */
const rowsAStep = 500;

/** Looks at all counters of a server. Throws what the reader throws. */
export async function readSnapshot(
  reader: CatalogReader,
  installed: Installed,
  signal?: AbortSignal,
): Promise<StatementSnapshot> {
  const rows = await reader.rows<SnapshotRow>(snapshotSql(installed), {
    timeoutMs,
    // Operators that somebody put into public are not to be run with the rights of whoever looks.
    qualifiedNames: true,
    ...(signal ? { signal } : {}),
  });
  const expressions = counterExpressions(installed.version);
  const places = counterNames.flatMap((name, at) => (expressions[name] === null ? [] : [at]));
  const entries: SnapshotEntry[] = [];
  let about: AboutSnapshot | undefined;
  for (const [index, row] of rows.entries()) {
    if (index % rowsAStep === rowsAStep - 1) await breathe();
    if (row.kind === 'about') about = JSON.parse(row.counters) as AboutSnapshot;
    else
      entries.push({
        userId: Number(row.user_id),
        databaseId: Number(row.database_id),
        nested: row.nested,
        queryId: row.query_id,
        values: readCounters(row.counters, places),
      });
  }
  if (about === undefined) throw new Error('pg_stat_statements answered nothing about itself');
  const { kept, named, hidden } = about;
  return {
    entries: installed.version < 109 ? withoutNesting(entries) : entries,
    meta: {
      takenAtMs: about.taken_at_ms,
      serverStartedMs: about.started_ms,
      statsResetMs: about.reset_ms,
      evictions: about.evictions,
      versionNum: reader.server.versionNum,
      extensionVersion: installed.version,
      maxStatements: about.max_statements,
      tracksPlanning: about.track_planning === 'on',
      timesIo: about.track_io_timing === 'on',
      tracksNested: about.track === 'all',
      blockBytes: about.block_bytes,
      databaseId: about.database_id,
      rest: {
        entries: named.entries - kept.entries,
        calls: Math.max(0, named.calls - kept.calls),
        totalMs: Math.max(0, named.total_ms - kept.total_ms),
        cutoffMs: kept.cutoff_ms,
      },
      hidden: { entries: hidden.entries, calls: hidden.calls, totalMs: hidden.total_ms },
      users: about.users ?? {},
      databases: about.databases ?? {},
    },
  };
}

function readCounters(text: string, places: readonly number[]): Float64Array {
  const values = new Float64Array(counterNames.length).fill(Number.NaN);
  const parts = text.split(' ');
  for (const [index, at] of places.entries()) values[at] = Number(parts[index]);
  return values;
}
