import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { ageSeverity, ageThresholds, stopAge, transactionIdLimit, type AgeLimit } from './age-limits.ts';
import { databaseAgesSql, elsewhereCaution, type DatabaseAgeRow } from './database-ages.ts';

export const databaseAge: HealthCheck<DatabaseAgeRow, AgeLimit> = {
  id: 'XID01',
  group: 'transaction-ids',
  basis: 'moment',
  title: 'Transaction id age of databases',
  why: 'Transaction ids are 32 bits wide. Old rows must be frozen before 2.1 billion transactions have passed, or the server stops accepting writes to protect them. Autovacuum does this by itself, unless something holds it back.',
  thresholds: ageThresholds,
  // Passing autovacuum_freeze_max_age is normal: that is when autovacuum starts to freeze.
  sql: () => databaseAgesSql,
  findings(rows, { limits }) {
    return rows.flatMap((row) => {
      const severity = ageSeverity(row.age_xids, row.freeze_max_age, limits);
      if (severity === undefined) return [];
      return [
        {
          object: `database ${row.database_name}`,
          severity,
          message: `Database ${row.database_name} has used ${formatPercent(row.age_xids / transactionIdLimit)} of its transaction ids since its oldest row was frozen (${formatCount(row.age_xids)}).`,
          measure: row.age_xids,
          evidence: [
            { label: 'Age', value: formatCount(row.age_xids) },
            { label: 'Writes stop at', value: formatCount(stopAge) },
            { label: 'autovacuum_freeze_max_age', value: formatCount(row.freeze_max_age) },
            { label: 'Connections allowed', value: row.allows_connections ? 'yes' : 'no' },
          ],
          ...(row.is_current ? { fixSql: 'vacuum (freeze);', lock: lockTexts.shareUpdateExclusive } : {}),
          caution: row.is_current
            ? 'It reads every table that is not frozen, and cannot freeze what an old transaction may still see: end that first (XID05). XID02 names the tables, which is quicker.'
            : elsewhereCaution(row),
          confidence: 'high' as const,
        },
      ];
    });
  },
  measures(rows) {
    const own = rows.find((row) => row.is_current);
    const [oldest] = rows;
    return [
      ...(own === undefined
        ? []
        : [
            {
              key: 'xid.age',
              label: `Transaction id age of ${own.database_name}`,
              unit: 'xids' as const,
              value: own.age_xids,
              limit: stopAge,
            },
          ]),
      ...(oldest === undefined
        ? []
        : [
            {
              key: 'xid.age.server',
              label: `Transaction id age of the oldest database`,
              unit: 'xids' as const,
              value: oldest.age_xids,
              limit: stopAge,
            },
          ]),
    ];
  },
};
