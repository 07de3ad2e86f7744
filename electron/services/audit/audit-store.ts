import { type AuditCursor, type AuditEntry, type AuditFilter, auditEntrySchema } from '#contract/audit.ts';

import { toFailure } from '../../postgres/failure.ts';
import type { StoreKeeper } from '../history/index.ts';
import { auditWhere } from './audit-filter.ts';

/** The audit's table: entries are added and read, and there is nothing else here. */
export class AuditStore {
  readonly #store: StoreKeeper;

  constructor(store: StoreKeeper) {
    this.#store = store;
  }

  /** Adds those that are not there yet. Throws `store_unavailable` while there is no store. */
  async add(entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const { em, records } = await this.#store.entities();
    const rows = entries.map(({ recordedBy: _, recordedAt: __, ...entry }) => ({
      ...entry,
      at: new Date(entry.at),
      sqlOmitted: BigInt(entry.sqlOmitted),
      rows: entry.rows === null ? null : BigInt(Math.trunc(entry.rows)),
    }));
    // The store's MikroORM is that of @mikro-orm/postgresql: its manager makes query builders.
    await em.createQueryBuilder(records.AuditRecord).insert(rows).onConflict('id').ignore().execute();
  }

  /** Newest first. */
  async find(filter: AuditFilter, before: AuditCursor | undefined, limit: number): Promise<AuditEntry[]> {
    const { em, records } = await this.#store.entities();
    const found = await em.find(records.AuditRecord, auditWhere(filter, before), {
      orderBy: { at: 'desc', id: 'desc' },
      limit,
    });
    return found.map((record) =>
      auditEntrySchema.parse({
        ...Object.fromEntries(Object.entries(record).map(([name, value]) => [name, value ?? null])),
        at: record.at.toISOString(),
        sqlOmitted: Number(record.sqlOmitted),
        rows: record.rows === null || record.rows === undefined ? null : Number(record.rows),
        recordedAt: record.recordedAt?.toISOString() ?? null,
      }),
    );
  }

  async count(filter: AuditFilter): Promise<number> {
    const { em, records } = await this.#store.entities();
    return em.count(records.AuditRecord, auditWhere(filter));
  }
}

/**
 * Whether the store refuses an entry for what is in it (SQLSTATE classes 22 and 23): trying again would not help.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isRefusedByStore(error: unknown): boolean {
  return /^2[23]/.test(toFailure(error).postgres?.sqlstate ?? '');
}
