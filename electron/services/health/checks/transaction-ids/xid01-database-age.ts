import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { ageSeverity, transactionIdLimit } from './age-limits.ts';

interface Row {
  readonly database_name: string;
  readonly age_xids: number;
  readonly freeze_max_age: number;
  readonly allows_connections: boolean;
}

export const databaseAge: HealthCheck<Row> = {
  id: 'XID01',
  group: 'transaction-ids',
  basis: 'moment',
  title: 'Transaction id age of databases',
  why: 'Transaction ids are 32 bits wide. Old rows must be frozen before 2.1 billion transactions have passed, or the server stops accepting writes to protect them. Autovacuum does this by itself, unless something holds it back.',
  // Run on PostgreSQL 13 to 18. Passing autovacuum_freeze_max_age is normal: that is when autovacuum starts to freeze.
  sql: () => `
select
  quote_ident(database.datname) as database_name,
  age(database.datfrozenxid) as age_xids,
  pg_catalog.current_setting('autovacuum_freeze_max_age')::int4 as freeze_max_age,
  database.datallowconn as allows_connections
from pg_catalog.pg_database as database
order by age_xids desc`,
  findings(rows) {
    return rows.flatMap((row) => {
      const severity = ageSeverity(row.age_xids, row.freeze_max_age);
      if (severity === undefined) return [];
      return [
        {
          object: `database ${row.database_name}`,
          severity,
          message: `Database ${row.database_name} has used ${formatPercent(row.age_xids / transactionIdLimit)} of its transaction ids since its oldest row was frozen (${formatCount(row.age_xids)}).`,
          evidence: [
            { label: 'Age', value: formatCount(row.age_xids) },
            { label: 'Limit', value: formatCount(transactionIdLimit) },
            { label: 'autovacuum_freeze_max_age', value: formatCount(row.freeze_max_age) },
            { label: 'Connections allowed', value: row.allows_connections ? 'yes' : 'no' },
          ],
          fixSql: `-- In database ${row.database_name}, after what holds vacuum back is gone (XID05):\nvacuum (freeze);`,
          lock: lockTexts.shareUpdateExclusive,
          confidence: 'high' as const,
        },
      ];
    });
  },
};
