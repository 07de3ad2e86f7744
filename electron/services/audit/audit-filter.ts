import type { AuditCursor, AuditEntry, AuditFilter } from '#contract/audit.ts';

/** The texts of an entry that a search looks into. */
export const searched = ['sql', 'error', 'subject', 'connectionName', 'database', 'actor', 'role'] as const;

/** A text as a pattern of ILIKE that finds it anywhere, its own wildcards taken as they are. Pure. */
export function likePattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

/** The condition of a filter on the store's records, as MikroORM takes it: values become parameters. Pure. */
export function auditWhere(filter: AuditFilter, before?: AuditCursor): object {
  const search = searchOf(filter);
  const conditions: object[] = [];
  if (filter.connectionId !== undefined) conditions.push({ connectionId: filter.connectionId });
  if (filter.actions) conditions.push({ action: { $in: filter.actions } });
  if (filter.outcomes) conditions.push({ outcome: { $in: filter.outcomes } });
  if (filter.from !== undefined) conditions.push({ at: { $gte: new Date(filter.from) } });
  if (filter.to !== undefined) conditions.push({ at: { $lt: new Date(filter.to) } });
  if (search !== '') conditions.push({ $or: searched.map((field) => ({ [field]: { $ilike: likePattern(search) } })) });
  if (before) {
    const at = new Date(before.at);
    conditions.push({ $or: [{ at: { $lt: at } }, { at, id: { $lt: before.id } }] });
  }
  return conditions.length > 0 ? { $and: conditions } : {};
}

/** Whether the filter finds an entry, for those that are in no store. Pure. */
export function matchesFilter(entry: AuditEntry, filter: AuditFilter, before?: AuditCursor): boolean {
  const at = Date.parse(entry.at);
  const search = searchOf(filter).toLowerCase();
  return (
    (filter.connectionId === undefined || entry.connectionId === filter.connectionId) &&
    (!filter.actions || filter.actions.includes(entry.action)) &&
    (!filter.outcomes || filter.outcomes.includes(entry.outcome)) &&
    (filter.from === undefined || at >= Date.parse(filter.from)) &&
    (filter.to === undefined || at < Date.parse(filter.to)) &&
    (search === '' || searched.some((field) => entry[field]?.toLowerCase().includes(search))) &&
    (!before || newestFirst(entry, before) > 0)
  );
}

/** Orders entries as the list shows them. */
export function newestFirst(left: AuditCursor, right: AuditCursor): number {
  const distance = Date.parse(right.at) - Date.parse(left.at);
  if (distance !== 0) return distance;
  return left.id === right.id ? 0 : left.id < right.id ? 1 : -1;
}

/** A page of entries that are one more than the page holds where there are older ones. */
export function pageOf(
  found: readonly AuditEntry[],
  limit: number,
): { entries: AuditEntry[]; next: AuditCursor | null } {
  const entries = found.slice(0, limit);
  const last = entries.at(-1);
  return { entries, next: found.length > limit && last ? { at: last.at, id: last.id } : null };
}

function searchOf(filter: AuditFilter): string {
  return filter.search?.replaceAll('\0', '').trim() ?? '';
}
