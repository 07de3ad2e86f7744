import { Migration } from '@mikro-orm/migrations';

/** Add the trades of each portfolio. */
export class Migration003AddTransactions extends Migration {
  override up(): void {
    this.addSql(`
      create table transactions (
        id serial primary key,
        portfolio_id integer not null references portfolios (id) on delete cascade,
        transaction_type text not null,
        symbol varchar(20) not null,
        quantity numeric(15, 8) not null,
        price numeric(15, 2) not null,
        amount numeric(15, 2) generated always as (round(quantity * price, 2)) stored,
        note text,
        created_at timestamp not null default now(),
        constraint chk_transaction_type check (transaction_type in ('buy', 'sell', 'dividend', 'fee'))
      )`);
    this.addSql('create index idx_transactions_created_at on transactions (created_at)');
    this.addSql('create index idx_transactions_note on transactions (note)');
  }

  override down(): void {
    this.addSql('drop table transactions');
  }
}
