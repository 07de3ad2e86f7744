/** One step of filling the sample: what it does in words, how long it takes relative to the others, and its SQL. */
export interface SampleStep {
  readonly title: string;
  readonly weight: number;
  readonly sql: string;
}

/** Rows at factor 1. */
const rows = {
  users: 5_000,
  sessions: 12_000,
  portfolios: 15_000,
  holdings: 75_000,
  transactions: 250_000,
  archive: 40_000,
};

/**
 * The data of the sample database. Every value comes from a hash of its row number, so that two runs are alike;
 * squares and cubes of it give the skew of real data (few people trade a lot, few symbols are everywhere).
 * Run on PostgreSQL 15 and 18.
 */
export function sampleSteps(factor: number): SampleStep[] {
  const count = (name: keyof typeof rows) => Math.max(10, Math.round(rows[name] * factor));
  const [users, portfolios] = [count('users'), count('portfolios')];
  return [
    {
      title: 'Preparing',
      weight: 1,
      sql: `
        create function pg_temp.chance(n bigint, salt bigint) returns double precision
        language sql immutable parallel safe
        return (hashint8extended(n, salt) & 2147483647)::double precision / 2147483648;

        -- Each names its parameter once, so that the planner puts it into the query instead of calling it.
        create function pg_temp.symbol(x double precision) returns text
        language sql immutable parallel safe
        return (array['AAPL', 'MSFT', 'NVDA', 'AMZN', 'GOOG', 'META', 'TSLA', 'BRK.B', 'JPM', 'V', 'UNH', 'XOM', 'JNJ', 'WMT', 'MA',
                      'PG', 'HD', 'CVX', 'LLY', 'ABBV', 'KO', 'PEP', 'AVGO', 'COST', 'MRK', 'TMO', 'ADBE', 'CRM', 'NFLX', 'AMD',
                      'INTC', 'CSCO', 'ORCL', 'NKE', 'DIS', 'QCOM', 'TXN', 'SAP', 'ASML', 'NVO'])[1 + floor(40 * x ^ 3)::int]`,
    },
    {
      title: 'Adding users',
      weight: 4,
      sql: `
        insert into users (uuid, email, hashed_password, is_active, created_at, updated_at)
        select md5('user' || n)::uuid,
               (array['anna', 'ben', 'chen', 'dara', 'elif', 'femi', 'gita', 'hugo', 'ines', 'juan'])[1 + floor(10 * pg_temp.chance(n, 1))::int] || n || '@example.com',
               '$argon2id$v=19$' || md5('hash' || n),
               pg_temp.chance(n, 2) < 0.93,
               now() - 1500 * pg_temp.chance(n, 3) * interval '1 day',
               now() - 30 * pg_temp.chance(n, 4) * interval '1 day'
        from generate_series(1, ${users}) as n`,
    },
    {
      title: 'Adding sessions',
      weight: 5,
      sql: `
        insert into user_sessions (user_id, session_token, expires_at, created_at)
        select 1 + floor(${users} * pg_temp.chance(n, 5) ^ 2)::int,
               md5('session' || n) || md5('token' || n),
               opened + interval '8 days',
               opened
        from (
          select n, now() - 20 * pg_temp.chance(n, 6) * interval '1 day' as opened
          from generate_series(1, ${count('sessions')}) as n
        ) as sessions`,
    },
    {
      title: 'Adding portfolios',
      weight: 6,
      sql: `
        insert into portfolios (uuid, user_id, name, description, created_at, updated_at)
        select md5('portfolio' || n)::uuid,
               1 + floor(${users} * pg_temp.chance(n, 7) ^ 1.6)::int,
               (array['Retirement', 'Growth', 'Dividends', 'Index funds', 'Play money', 'House', 'Education', 'Technology'])[1 + floor(8 * pg_temp.chance(n, 8))::int] || ' ' || n,
               case when pg_temp.chance(n, 9) < 0.4 then 'Opened for the long run, looked at every month.' end,
               now() - 1200 * pg_temp.chance(n, 10) * interval '1 day',
               now() - 20 * pg_temp.chance(n, 11) * interval '1 day'
        from generate_series(1, ${portfolios}) as n`,
    },
    {
      title: 'Adding holdings',
      weight: 22,
      sql: `
        alter table holdings set (autovacuum_enabled = false);
        insert into holdings (portfolio_id, symbol, quantity, average_cost, current_price, created_at, updated_at)
        select portfolio_id,
               symbol,
               round((0.1 + 400 * pg_temp.chance(n, 14) ^ 4)::numeric, 8),
               round((5 + 900 * pg_temp.chance(n, 15) ^ 2)::numeric, 2),
               round((5 + 900 * pg_temp.chance(n, 16) ^ 2)::numeric, 2),
               now() - 1000 * pg_temp.chance(n, 17) * interval '1 day',
               now() - 10 * pg_temp.chance(n, 18) * interval '1 day'
        from (
          select min(n) as n, portfolio_id, symbol
          from (
            select n,
                   1 + floor(${portfolios} * pg_temp.chance(n, 12) ^ 1.3)::int as portfolio_id,
                   pg_temp.symbol(pg_temp.chance(n, 13)) as symbol
            from generate_series(1, ${Math.round(count('holdings') * 1.75)}) as n
          ) as pairs
          group by portfolio_id, symbol
          order by min(n)
          limit ${count('holdings')}
        ) as held
        order by portfolio_id, symbol`,
    },
    {
      title: 'Adding transactions',
      weight: 45,
      sql: `
        alter table transactions set (autovacuum_enabled = false);
        alter sequence transactions_id_seq restart with 1997000000;
        insert into transactions (portfolio_id, transaction_type, symbol, quantity, price, note, created_at)
        select 1 + floor(${portfolios} * pg_temp.chance(n, 19) ^ 1.8)::int,
               (array['buy', 'buy', 'buy', 'buy', 'sell', 'sell', 'dividend', 'fee'])[1 + floor(8 * pg_temp.chance(n, 20))::int],
               pg_temp.symbol(pg_temp.chance(n, 21)),
               round((0.1 + 200 * pg_temp.chance(n, 22) ^ 4)::numeric, 8),
               round((5 + 900 * pg_temp.chance(n, 23) ^ 2)::numeric, 2),
               case when pg_temp.chance(n, 24) < 0.15 then 'order ' || md5('note' || n) end,
               (now() - 900 * pg_temp.chance(n, 25) ^ 1.5 * interval '1 day')::timestamp
        from generate_series(1, ${Math.round(count('transactions') * 0.6)}) as n;
        analyze transactions;
        insert into transactions (portfolio_id, transaction_type, symbol, quantity, price, note, created_at)
        select 1 + floor(${portfolios} * pg_temp.chance(n, 19) ^ 1.8)::int,
               (array['buy', 'buy', 'buy', 'buy', 'sell', 'sell', 'dividend', 'fee'])[1 + floor(8 * pg_temp.chance(n, 20))::int],
               pg_temp.symbol(pg_temp.chance(n, 21)),
               round((0.1 + 200 * pg_temp.chance(n, 22) ^ 4)::numeric, 8),
               round((5 + 900 * pg_temp.chance(n, 23) ^ 2)::numeric, 2),
               case when pg_temp.chance(n, 24) < 0.15 then 'order ' || md5('note' || n) end,
               (now() - 900 * pg_temp.chance(n, 25) ^ 1.5 * interval '1 day')::timestamp
        from generate_series(${Math.round(count('transactions') * 0.6) + 1}, ${count('transactions')}) as n`,
    },
    {
      title: 'Adding the archive',
      weight: 6,
      sql: `
        insert into transaction_archive (original_id, portfolio_id, transaction_type, symbol, quantity, price, created_at, archived_at)
        select 1996000000 + n,
               1 + floor(${portfolios} * pg_temp.chance(n, 26) ^ 1.8)::int,
               (array['buy', 'buy', 'sell', 'dividend'])[1 + floor(4 * pg_temp.chance(n, 27))::int],
               pg_temp.symbol(pg_temp.chance(n, 28)),
               round((0.1 + 200 * pg_temp.chance(n, 29) ^ 4)::numeric, 8),
               round((5 + 700 * pg_temp.chance(n, 30) ^ 2)::numeric, 2),
               (now() - (900 + 600 * pg_temp.chance(n, 31)) * interval '1 day')::timestamp,
               (now() - 20 * pg_temp.chance(n, 32) * interval '1 day')::timestamp
        from generate_series(1, ${count('archive')}) as n`,
    },
    {
      title: 'Computing totals',
      weight: 11,
      sql: `
        update portfolios
        set total_value = sums.total
        from (
          select portfolio_id, round(sum(quantity * current_price), 2) as total
          from holdings
          group by portfolio_id
        ) as sums
        where sums.portfolio_id = portfolios.id;
        analyze users, user_sessions, portfolios, holdings, transaction_archive;
        update holdings set current_price = round(current_price * 1.01, 2), updated_at = now() where id % 3 = 0`,
    },
  ];
}
