import { randomUUID } from 'node:crypto';

import type { AuditEntry } from '#contract/audit.ts';

/** An entry as a statement in the editor makes one. */
export function anEntry(changes: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: randomUUID(),
    at: '2026-11-23T10:00:00.000Z',
    durationMs: 1.5,
    actor: 'ada',
    role: 'app',
    machine: 'desk',
    host: 'desktop',
    version: '0.1.0',
    connectionId: 'c1',
    connectionName: 'Shop',
    server: 'db:5432',
    database: 'shop',
    environment: 'production',
    action: 'query',
    subject: null,
    sql: 'delete from item',
    sqlOmitted: 0,
    outcome: 'done',
    error: null,
    rows: 3,
    jobId: null,
    recordedBy: null,
    recordedAt: null,
    ...changes,
  };
}
