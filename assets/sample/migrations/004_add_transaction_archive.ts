import { Migration } from '@mikro-orm/migrations';

/** Add the table that old trades are moved to. */
export class Migration004AddTransactionArchive extends Migration {
  override up(): void {
    this.addSql(`
      create table transaction_archive (
        original_id integer not null,
        portfolio_id integer not null,
        transaction_type text not null,
        symbol varchar(20) not null,
        quantity numeric(15, 8) not null,
        price numeric(15, 2) not null,
        created_at timestamp not null,
        archived_at timestamp not null default now()
      )`);
    this.addSql(`
      alter table transaction_archive
        add constraint transaction_archive_portfolio_id_fkey
        foreign key (portfolio_id) references portfolios (id) on delete restrict not valid`);
    this.addSql('create index idx_transaction_archive_portfolio on transaction_archive (portfolio_id)');
    this.addSql(`
      create view portfolio_summary as
      select portfolios.id as portfolio_id,
             portfolios.name,
             count(holdings.id) as total_holdings,
             sum(holdings.quantity * holdings.current_price) as total_value
      from portfolios
      left join holdings on holdings.portfolio_id = portfolios.id
      group by portfolios.id`);
    this.addSql("comment on table transaction_archive is 'Trades older than a year, moved out of transactions.'");
  }

  override down(): void {
    this.addSql('drop view portfolio_summary');
    this.addSql('drop table transaction_archive');
  }
}
