import { Migration } from '@mikro-orm/migrations';

/** Steward's own store: history, plans, reports, backups, jobs, audit. */
export class Store001 extends Migration {
  override up(): void {
    this.addSql(`
      create table steward.query_history (
        id bigint generated always as identity primary key,
        connection_id text,
        connection_name text not null,
        database text not null,
        sql text not null,
        started_at timestamptz not null,
        duration_ms double precision,
        rows bigint,
        outcome text not null,
        error text
      )`);
    this.addSql('create index query_history_started_at_idx on steward.query_history (started_at desc)');
    this.addSql(`
      create table steward.plans (
        id bigint generated always as identity primary key,
        connection_id text,
        connection_name text,
        database text,
        sql text,
        taken_at timestamptz not null,
        analyzed boolean not null,
        execution_ms double precision,
        source text not null
      )`);
    this.addSql('create index plans_taken_at_idx on steward.plans (taken_at desc)');
    this.addSql(`
      create table steward.health_reports (
        id bigint generated always as identity primary key,
        connection_id text,
        database text not null,
        taken_at timestamptz not null,
        worst text,
        critical integer not null,
        warning integer not null,
        info integer not null,
        report jsonb not null
      )`);
    this.addSql('create index health_reports_taken_at_idx on steward.health_reports (connection_id, taken_at desc)');
    this.addSql(`
      create table steward.backups (
        id uuid primary key,
        connection_id text,
        started_at timestamptz not null,
        record jsonb not null
      )`);
    this.addSql('create index backups_started_at_idx on steward.backups (started_at desc)');
    this.addSql(`
      create table steward.jobs (
        id uuid primary key,
        kind text not null,
        title text not null,
        connection_id text,
        state text not null,
        started_at timestamptz not null,
        finished_at timestamptz not null,
        outcome text,
        failure jsonb
      )`);
    this.addSql(`
      create table steward.audit (
        id bigint generated always as identity primary key,
        at timestamptz not null,
        actor text not null,
        connection_id text,
        connection_name text not null,
        database text not null,
        action text not null,
        sql text,
        outcome text not null,
        duration_ms double precision
      )`);
    this.addSql('create index audit_at_idx on steward.audit (at desc)');
    // Rows of the audit stay as they were written.
    this.addSql('create rule audit_keeps_updates as on update to steward.audit do instead nothing');
    this.addSql('create rule audit_keeps_deletes as on delete to steward.audit do instead nothing');
    this.addSql(`
      create table steward.applied_migrations (
        id bigint generated always as identity primary key,
        connection_id text not null,
        name text not null,
        sha256 text not null,
        applied_at timestamptz not null
      )`);
    this.addSql(
      'create index applied_migrations_connection_idx on steward.applied_migrations (connection_id, name, applied_at desc)',
    );
  }

  override down(): void {
    for (const table of [
      'applied_migrations',
      'audit',
      'jobs',
      'backups',
      'health_reports',
      'plans',
      'query_history',
    ]) {
      this.addSql(`drop table steward.${table}`);
    }
  }
}
