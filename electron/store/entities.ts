import { defineEntity, p } from '@mikro-orm/core';

/** Every statement that was run from the editor, secrets taken out. */
export const QueryRecord = defineEntity({
  name: 'QueryRecord',
  tableName: 'query_history',
  properties: {
    id: p.bigint().primary().autoincrement(),
    connectionId: p.text().nullable(),
    connectionName: p.text(),
    database: p.text(),
    sql: p.text(),
    startedAt: p.datetime(),
    durationMs: p.float().nullable(),
    rows: p.bigint().nullable(),
    outcome: p.text(),
    error: p.text().nullable(),
  },
});

/** A plan that was taken from a server, as PostgreSQL printed it. */
export const PlanRecord = defineEntity({
  name: 'PlanRecord',
  tableName: 'plans',
  properties: {
    id: p.bigint().primary().autoincrement(),
    connectionId: p.text().nullable(),
    connectionName: p.text().nullable(),
    database: p.text().nullable(),
    sql: p.text().nullable(),
    fingerprint: p.text().nullable(),
    serverVersion: p.text().nullable(),
    takenAt: p.datetime(),
    analyzed: p.boolean(),
    executionMs: p.float().nullable(),
    source: p.text(),
  },
});

/** A health report, whole. */
export const ReportRecord = defineEntity({
  name: 'ReportRecord',
  tableName: 'health_reports',
  properties: {
    id: p.bigint().primary().autoincrement(),
    connectionId: p.text().nullable(),
    database: p.text(),
    takenAt: p.datetime(),
    worst: p.text().nullable(),
    critical: p.integer(),
    warning: p.integer(),
    info: p.integer(),
    report: p.json(),
    /** `host:port/database` that the connection led to. */
    target: p.text().nullable(),
    score: p.integer().nullable(),
    /** What forecasts are made of. */
    measures: p.json().nullable(),
    /** The measure of each finding by check and object, for trends. */
    findingMeasures: p.json().nullable(),
  },
});

/** A fix of a finding that was applied, and what takes it back. */
export const HealthFixRecord = defineEntity({
  name: 'HealthFixRecord',
  tableName: 'health_fixes',
  properties: {
    id: p.uuid().primary(),
    connectionId: p.text().nullable(),
    target: p.text().nullable(),
    database: p.text(),
    checkId: p.text(),
    object: p.text(),
    fixSql: p.text(),
    undoSql: p.text().nullable(),
    appliedAt: p.datetime(),
    outcome: p.text(),
    undoneAt: p.datetime().nullable(),
  },
});

/** A backup that was taken; the manifest beside the file is the truth, this is the list. */
export const BackupRecord = defineEntity({
  name: 'BackupRecord',
  tableName: 'backups',
  properties: {
    id: p.uuid().primary(),
    connectionId: p.text().nullable(),
    startedAt: p.datetime(),
    record: p.json(),
  },
});

/** A job that has ended. */
export const JobRecord = defineEntity({
  name: 'JobRecord',
  tableName: 'jobs',
  properties: {
    id: p.uuid().primary(),
    kind: p.text(),
    title: p.text(),
    connectionId: p.text().nullable(),
    state: p.text(),
    startedAt: p.datetime(),
    finishedAt: p.datetime(),
    outcome: p.text().nullable(),
    failure: p.json().nullable(),
  },
});

/** What Steward changed on a server: append-only, which triggers see to. */
export const AuditRecord = defineEntity({
  name: 'AuditRecord',
  tableName: 'audit',
  properties: {
    id: p.uuid().primary(),
    at: p.datetime(),
    durationMs: p.float().nullable(),
    actor: p.text(),
    role: p.text().nullable(),
    machine: p.text().nullable(),
    host: p.text().nullable(),
    version: p.text().nullable(),
    connectionId: p.text().nullable(),
    connectionName: p.text().nullable(),
    server: p.text().nullable(),
    database: p.text().nullable(),
    environment: p.text().nullable(),
    action: p.text(),
    subject: p.text().nullable(),
    sql: p.text().nullable(),
    sqlOmitted: p.bigint(),
    outcome: p.text(),
    error: p.text().nullable(),
    rows: p.bigint().nullable(),
    jobId: p.text().nullable(),
    /** The store writes these two itself. */
    recordedBy: p.text().nullable(),
    recordedAt: p.datetime().nullable(),
  },
});

/** What a migration's file was when Steward applied it, so that a later change of the file is seen. */
export const AppliedMigrationRecord = defineEntity({
  name: 'AppliedMigrationRecord',
  tableName: 'applied_migrations',
  properties: {
    id: p.bigint().primary().autoincrement(),
    connectionId: p.text(),
    name: p.text(),
    sha256: p.text(),
    appliedAt: p.datetime(),
  },
});

/** How large a database was on a day. `target` is where the connection led to then: `host:port/database`. */
export const SizeSampleRecord = defineEntity({
  name: 'SizeSampleRecord',
  tableName: 'size_samples',
  properties: {
    connectionId: p.text().primary(),
    target: p.text().primary(),
    day: p.date().primary(),
    takenAt: p.datetime(),
    sizeBytes: p.bigint(),
  },
});

/** A look at pg_stat_statements; its numbers are packed, see services/statements/pack-snapshot.ts. */
export const StatementSnapshotRecord = defineEntity({
  name: 'StatementSnapshotRecord',
  tableName: 'statement_snapshots',
  properties: {
    id: p.bigint().primary().autoincrement(),
    connectionId: p.text(),
    target: p.text(),
    takenAt: p.datetime(),
    statements: p.integer(),
    totalMs: p.float(),
    meta: p.json(),
    head: p.blob(),
    body: p.blob(),
  },
});

/** The text of a statement, secrets taken out, kept once for all snapshots of a server. */
export const StatementTextRecord = defineEntity({
  name: 'StatementTextRecord',
  tableName: 'statement_texts',
  properties: {
    connectionId: p.text().primary(),
    target: p.text().primary(),
    queryId: p.text().primary(),
    sql: p.text(),
    /** Characters that were cut. */
    omitted: p.integer(),
    seenAt: p.datetime(),
  },
});

/** A server's log that was read: what it holds in sum. */
export const LogImportRecord = defineEntity({
  name: 'LogImportRecord',
  tableName: 'log_imports',
  properties: {
    id: p.uuid().primary(),
    connectionId: p.text().nullable(),
    name: p.text(),
    importedAt: p.datetime(),
    /** `logImportSchema`. */
    summary: p.json(),
    /** `logReportSchema`. */
    report: p.json(),
  },
});

/** A statement of a log, with runs of it; secrets taken out. */
export const LogStatementRecord = defineEntity({
  name: 'LogStatementRecord',
  tableName: 'log_statements',
  properties: {
    importId: p.uuid().primary(),
    fingerprint: p.text().primary(),
    totalMs: p.float(),
    statement: p.json(),
    samples: p.json(),
  },
});

/** A plan that auto_explain wrote into a log. */
export const LogPlanRecord = defineEntity({
  name: 'LogPlanRecord',
  tableName: 'log_plans',
  properties: {
    importId: p.uuid().primary(),
    number: p.integer().primary(),
    plan: p.json(),
    source: p.text(),
  },
});

export const entities = [
  QueryRecord,
  PlanRecord,
  ReportRecord,
  HealthFixRecord,
  BackupRecord,
  JobRecord,
  AuditRecord,
  AppliedMigrationRecord,
  SizeSampleRecord,
  StatementSnapshotRecord,
  StatementTextRecord,
  LogImportRecord,
  LogStatementRecord,
  LogPlanRecord,
];
