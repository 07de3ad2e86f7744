import { Migration } from '@mikro-orm/migrations';

/** Logs that were read: what they hold in sum, their statements with samples, and plans of auto_explain. */
export class LogImports007 extends Migration {
  override up(): void {
    this.addSql(`
      create table steward.log_imports (
        id uuid primary key,
        connection_id text,
        name text not null,
        imported_at timestamptz not null,
        summary jsonb not null,
        report jsonb not null
      )`);
    this.addSql('create index log_imports_by_time on steward.log_imports (imported_at desc)');
    this.addSql(`
      create table steward.log_statements (
        import_id uuid not null references steward.log_imports (id) on delete cascade,
        fingerprint text not null,
        total_ms double precision not null,
        statement jsonb not null,
        samples jsonb not null,
        primary key (import_id, fingerprint)
      )`);
    this.addSql('create index log_statements_by_fingerprint on steward.log_statements (fingerprint text_pattern_ops)');
    this.addSql(`
      create table steward.log_plans (
        import_id uuid not null references steward.log_imports (id) on delete cascade,
        number integer not null,
        plan jsonb not null,
        source text not null,
        primary key (import_id, number)
      )`);
  }

  override down(): void {
    this.addSql('drop table steward.log_plans');
    this.addSql('drop table steward.log_statements');
    this.addSql('drop table steward.log_imports');
  }
}
