import { Migration } from '@mikro-orm/migrations';

/** What reports are compared and forecast by, and the fixes that were applied with the SQL that takes them back. */
export class Health005 extends Migration {
  override up(): void {
    this.addSql(`
      alter table steward.health_reports
        add column target text,
        add column score integer,
        add column measures jsonb,
        add column finding_measures jsonb`);
    this.addSql('create index health_reports_by_connection on steward.health_reports (connection_id, taken_at desc)');
    this.addSql(`
      create table steward.health_fixes (
        id uuid primary key,
        connection_id text,
        target text,
        database text not null,
        check_id text not null,
        object text not null,
        fix_sql text not null,
        undo_sql text,
        applied_at timestamptz not null,
        outcome text not null,
        undone_at timestamptz
      )`);
    this.addSql('create index health_fixes_by_connection on steward.health_fixes (connection_id, applied_at desc)');
  }

  override down(): void {
    this.addSql('drop table steward.health_fixes');
    this.addSql('drop index steward.health_reports_by_connection');
    this.addSql(`
      alter table steward.health_reports
        drop column target,
        drop column score,
        drop column measures,
        drop column finding_measures`);
  }
}
