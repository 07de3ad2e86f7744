import { Migration } from '@mikro-orm/migrations';

/** Plans are found by the fingerprint of their statement, and say which server version made them. */
export class PlanFingerprints004 extends Migration {
  override up(): void {
    this.addSql('alter table steward.plans add column fingerprint text, add column server_version text');
    this.addSql(
      'create index plans_by_fingerprint on steward.plans (fingerprint, database, taken_at desc) where fingerprint is not null',
    );
  }

  override down(): void {
    this.addSql('drop index steward.plans_by_fingerprint');
    this.addSql('alter table steward.plans drop column fingerprint, drop column server_version');
  }
}
