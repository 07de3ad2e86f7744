import { Migration } from '@mikro-orm/migrations';

/** Looks at pg_stat_statements, and the texts of the statements in them, each once. */
export class StatementSnapshots006 extends Migration {
  override up(): void {
    this.addSql(`
      create table steward.statement_snapshots (
        id bigint generated always as identity primary key,
        connection_id text not null,
        target text not null,
        taken_at timestamptz not null,
        statements integer not null,
        total_ms double precision not null,
        meta jsonb not null,
        head bytea not null,
        body bytea not null
      )`);
    // They are compressed already.
    this.addSql('alter table steward.statement_snapshots alter column head set storage external');
    this.addSql('alter table steward.statement_snapshots alter column body set storage external');
    this.addSql(
      'create index statement_snapshots_by_connection on steward.statement_snapshots (connection_id, target, taken_at desc)',
    );
    this.addSql(`
      create table steward.statement_texts (
        connection_id text not null,
        target text not null,
        query_id text not null,
        sql text not null,
        omitted integer not null,
        seen_at timestamptz not null,
        primary key (connection_id, target, query_id)
      )`);
  }

  override down(): void {
    this.addSql('drop table steward.statement_texts');
    this.addSql('drop table steward.statement_snapshots');
  }
}
