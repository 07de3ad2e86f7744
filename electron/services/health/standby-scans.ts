import { catalogOnly, type CatalogReader } from '../../postgres/catalog-reader.ts';
import type { ConnectionsService } from '../connections/index.ts';
import type { HealthFacts } from './health-check.ts';

interface IdentityRow {
  readonly system_identifier: string;
  readonly server_start: string;
}

interface ScanRow {
  readonly index_oid: string;
  readonly scans: string;
}

const identitySql = `
select
  (select system_identifier from pg_catalog.pg_control_system()) as system_identifier,
  pg_catalog.pg_postmaster_start_time()::text as server_start`;

const scansSql = `
select
  indexrelid::int8 as index_oid,
  idx_scan as scans
from pg_catalog.pg_stat_user_indexes
where idx_scan > 0`;

const options = { timeoutMs: 5000 };

/**
 * Index scans that other nodes of the same cluster have counted: an index that only a standby uses is used. Asked are
 * the connections that are open now, lead to the same database of the same cluster, and are not the same server.
 * A node that cannot be asked is left out, and the report says which ones were.
 */
export async function readStandbys(
  connectionId: string,
  connections: ConnectionsService,
  signal?: AbortSignal,
): Promise<Pick<HealthFacts, 'standbyScans' | 'standbysAsked'>> {
  const standbyScans = new Map<number, number>();
  const standbysAsked: string[] = [];
  const reader = catalogOnly(await connections.reader(connectionId));
  const mine = await identityOf(reader, signal);
  if (mine === undefined) return { standbyScans, standbysAsked };
  const others = connections.list.value.filter(({ id, state }) => id !== connectionId && state.kind === 'open');
  const nodes = new Set([mine.server_start]);
  for (const other of others) {
    signal?.throwIfAborted();
    try {
      const node = catalogOnly(await connections.reader(other.id));
      if (node.server.database !== reader.server.database) continue;
      const identity = await identityOf(node, signal);
      if (identity?.system_identifier !== mine.system_identifier || nodes.has(identity.server_start)) continue;
      const rows = await node.rows<ScanRow>(scansSql, { ...options, ...(signal ? { signal } : {}) });
      nodes.add(identity.server_start);
      standbysAsked.push(other.name);
      for (const { index_oid: oid, scans } of rows)
        standbyScans.set(Number(oid), (standbyScans.get(Number(oid)) ?? 0) + Number(scans));
    } catch {
      signal?.throwIfAborted();
    }
  }
  return { standbyScans, standbysAsked };
}

async function identityOf(reader: CatalogReader, signal?: AbortSignal): Promise<IdentityRow | undefined> {
  try {
    const [row] = await reader.rows<IdentityRow>(identitySql, { ...options, ...(signal ? { signal } : {}) });
    return row;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
