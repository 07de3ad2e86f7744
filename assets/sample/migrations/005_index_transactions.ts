import { Migration } from '@mikro-orm/migrations';

/** Index the foreign key of transactions: deleting a portfolio reads the whole table without it. */
export class Migration005IndexTransactions extends Migration {
  override up(): void {
    this.addSql('create index idx_transactions_portfolio on transactions (portfolio_id)');
  }

  override down(): void {
    this.addSql('drop index idx_transactions_portfolio');
  }
}
