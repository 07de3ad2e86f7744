import { Migration } from '@mikro-orm/migrations';

/** How large databases were, one sample a day, for the growth that the fleet shows. */
export class Fleet003 extends Migration {
  override up(): void {
    this.addSql(`
      create table steward.size_samples (
        connection_id text not null,
        target text not null,
        day date not null,
        taken_at timestamptz not null,
        size_bytes bigint not null,
        primary key (connection_id, target, day)
      )`);
  }

  override down(): void {
    this.addSql('drop table steward.size_samples');
  }
}
