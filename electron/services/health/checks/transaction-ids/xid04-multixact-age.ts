import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { ageSeverity, ageThresholds, stopAge, transactionIdLimit, type AgeLimit } from './age-limits.ts';
import { databaseAgesSql, elsewhereCaution, type DatabaseAgeRow } from './database-ages.ts';

export const multixactAge: HealthCheck<DatabaseAgeRow, AgeLimit> = {
  id: 'XID04',
  group: 'transaction-ids',
  basis: 'moment',
  title: 'Multixact age of databases',
  why: 'Rows locked by several transactions at once, as foreign keys do, use ids of their own that wrap around like transaction ids and stop writes in the same way.',
  thresholds: ageThresholds,
  sql: () => databaseAgesSql,
  findings(rows, { limits }) {
    return rows.flatMap((row) => {
      const severity = ageSeverity(row.age_multixacts, row.multixact_freeze_max_age, limits);
      if (severity === undefined) return [];
      return [
        {
          object: `database ${row.database_name}`,
          severity,
          message: `Database ${row.database_name} has used ${formatPercent(row.age_multixacts / transactionIdLimit)} of its multixact ids (${formatCount(row.age_multixacts)}).`,
          measure: row.age_multixacts,
          evidence: [
            { label: 'Age', value: formatCount(row.age_multixacts) },
            { label: 'autovacuum_multixact_freeze_max_age', value: formatCount(row.multixact_freeze_max_age) },
          ],
          ...(row.is_current
            ? { fixSql: 'vacuum (freeze);', lock: lockTexts.shareUpdateExclusive }
            : { caution: elsewhereCaution(row) }),
          confidence: 'high' as const,
        },
      ];
    });
  },
  measures(rows) {
    const own = rows.find((row) => row.is_current);
    return own === undefined
      ? []
      : [
          {
            key: 'multixact.age',
            label: `Multixact age of ${own.database_name}`,
            unit: 'xids',
            value: own.age_multixacts,
            limit: stopAge,
          },
        ];
  },
};
