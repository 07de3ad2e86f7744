import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { ageSeverity, transactionIdLimit } from './age-limits.ts';

interface Row {
  readonly database_name: string;
  readonly age_multixacts: number;
  readonly freeze_max_age: number;
}

export const multixactAge: HealthCheck<Row> = {
  id: 'XID04',
  group: 'transaction-ids',
  basis: 'moment',
  title: 'Multixact age of databases',
  why: 'Rows locked by several transactions at once, as foreign keys do, use ids of their own that wrap around like transaction ids and stop writes in the same way.',
  // Run on PostgreSQL 13 to 18. age() of a multixact id answers nonsense; mxid_age() is the right one.
  sql: () => `
select
  quote_ident(database.datname) as database_name,
  mxid_age(database.datminmxid) as age_multixacts,
  pg_catalog.current_setting('autovacuum_multixact_freeze_max_age')::int4 as freeze_max_age
from pg_catalog.pg_database as database
order by age_multixacts desc`,
  findings(rows) {
    return rows.flatMap((row) => {
      const severity = ageSeverity(row.age_multixacts, row.freeze_max_age);
      if (severity === undefined) return [];
      return [
        {
          object: `database ${row.database_name}`,
          severity,
          message: `Database ${row.database_name} has used ${formatPercent(row.age_multixacts / transactionIdLimit)} of its multixact ids (${formatCount(row.age_multixacts)}).`,
          evidence: [
            { label: 'Age', value: formatCount(row.age_multixacts) },
            { label: 'autovacuum_multixact_freeze_max_age', value: formatCount(row.freeze_max_age) },
          ],
          fixSql: `-- In database ${row.database_name}:\nvacuum (freeze);`,
          lock: lockTexts.shareUpdateExclusive,
          confidence: 'high' as const,
        },
      ];
    });
  },
};
