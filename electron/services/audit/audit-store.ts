import { type AuditCursor, type AuditEntry, type AuditFilter, auditEntrySchema } from '#contract/audit.ts';

import { toFailure } from '../../postgres/failure.ts';
import type { StoreKeeper } from '../history/index.ts';
import { auditWhere } from './audit-filter.ts';

/**
 * The entries are one parameter: MikroORM writes values into the text of a statement, and what comes here is SQL of any
 * kind. Run on 13 to 18.
 */
const insertSql = `
  insert into steward.audit
         (id, at, duration_ms, actor, role, machine, host, version, connection_id, connection_name, server, database,
          environment, action, subject, sql, sql_omitted, outcome, error, rows, job_id)
  select id, at, "durationMs", actor, role, machine, host, version, "connectionId", "connectionName", server, database,
         environment, action, subject, sql, "sqlOmitted", outcome, error, trunc(rows), "jobId"
    from jsonb_to_recordset($1::jsonb) as entry (
         id uuid, at timestamptz, "durationMs" float8, actor text, role text, machine text, host text, version text,
         "connectionId" text, "connectionName" text, server text, database text, environment text, action text,
         subject text, sql text, "sqlOmitted" bigint, outcome text, error text, rows numeric, "jobId" text)
      on conflict (id) do nothing`;

/** The audit's table: entries are added and read, and there is nothing else here. */
export class AuditStore {
  readonly #store: StoreKeeper;

  constructor(store: StoreKeeper) {
    this.#store = store;
  }

  /** Adds those that are not there yet. Throws `store_unavailable` while there is no store. */
  async add(entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const { em } = await this.#store.entities();
    const pool = await em.getConnection().getNativeClient();
    await pool.query(insertSql, [JSON.stringify(entries)]);
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
