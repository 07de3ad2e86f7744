import type { ConnectionEntry } from '#contract/connections.ts';
import type { FleetReason, FleetRow } from '#contract/fleet.ts';

/** A row of the fleet with the connection that it is about. */
export interface FleetItem {
  readonly row: FleetRow;
  readonly connection: ConnectionEntry;
}

export const fleetFilters = ['all', 'attention', 'unreachable', 'critical', 'warning', 'unknown', 'fine'] as const;
export type FleetFilter = (typeof fleetFilters)[number];

export const fleetGroupings = ['none', 'folder', 'environment'] as const;
export type FleetGrouping = (typeof fleetGroupings)[number];

/** Half of the 32-bit space of transaction ids: with so many since the oldest freeze the server takes no more writes. */
export const transactionIdLimit = 2 ** 31;

/** Rows and connections by id, in the order of the connections. */
export function fleetItems(rows: readonly FleetRow[], connections: readonly ConnectionEntry[]): readonly FleetItem[] {
  const byId = new Map(rows.map((row) => [row.connectionId, row]));
  return connections.flatMap((connection) => {
    const row = byId.get(connection.id);
    return row === undefined ? [] : [{ row, connection }];
  });
}

/** Whether a person should look at it today: everything but fine, and but what was never checked. */
export function needsAttention({ status, reach }: FleetRow): boolean {
  return status === 'unknown' ? reach.kind === 'asks' : status !== 'fine';
}

export function matchesFilter(row: FleetRow, filter: FleetFilter): boolean {
  if (filter === 'all') return true;
  return filter === 'attention' ? needsAttention(row) : row.status === filter;
}

/** Every word must be somewhere: in the connection's fields, the version, or what is wrong. */
export function matchesSearch({ row, connection }: FleetItem, search: string): boolean {
  const { name, host, port, database, user, folder, environment } = connection;
  const reasons = row.reasons.map(({ text }) => text);
  const text = [name, `${host}:${port}`, database, user, folder, environment, row.facts?.version ?? '', ...reasons]
    .join('\n')
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export function countFilters(items: readonly FleetItem[]): Readonly<Record<FleetFilter, number>> {
  const count = (filter: FleetFilter) => items.filter(({ row }) => matchesFilter(row, filter)).length;
  return {
    all: items.length,
    attention: count('attention'),
    unreachable: count('unreachable'),
    critical: count('critical'),
    warning: count('warning'),
    unknown: count('unknown'),
    fine: count('fine'),
  };
}

/** Numbers that are older than the last try, or than two checks: the server may be another by now. */
export function isStale(row: FleetRow, nowMs: number, refreshSeconds: number): boolean {
  if (row.facts === null || row.checkedAt === null) return false;
  return row.reach.kind !== 'reached' || nowMs - Date.parse(row.checkedAt) > 2 * refreshSeconds * 1000;
}

/** Share of the connections that clients may have. */
export function connectionShare({ facts }: FleetRow): number | null {
  if (facts === null) return null;
  return facts.connectionsUsed / Math.max(1, facts.connectionsMax - facts.connectionsReserved);
}

/** The older of transaction ids and multixacts, as a share of what there is. */
export function idShare({ facts }: FleetRow): number | null {
  return facts === null ? null : Math.max(facts.oldestXidAge, facts.oldestMultixactAge) / transactionIdLimit;
}

/** The transaction that is open longest, working or idle, ms. */
export function longestOpenMs({ facts }: FleetRow): number | null {
  if (facts === null) return null;
  const times = [facts.longestTransaction?.ms, facts.oldestIdleInTransaction?.ms].filter((ms) => ms !== undefined);
  return times.length === 0 ? (facts.hiddenSessions > 0 ? null : 0) : Math.max(...times);
}

/** The worst of the reasons with one of these codes. */
export function reasonOf(row: FleetRow, ...codes: readonly string[]): FleetReason | null {
  return row.reasons.find(({ code }) => codes.includes(code)) ?? null;
}

/** The version without what a distribution adds to it: `15.18`. */
export function shortVersion(version: string): string {
  return version.split(' ')[0] ?? version;
}
