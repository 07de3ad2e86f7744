import { formatBytes, formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { ageSeverity, ageThresholds, stopAge, transactionIdLimit, type AgeLimit } from './age-limits.ts';
import { tableAgesSql, type TableAgeRow } from './table-ages.ts';

export const tableAge: HealthCheck<TableAgeRow, AgeLimit> = {
  id: 'XID02',
  group: 'transaction-ids',
  basis: 'moment',
  title: 'Transaction id age of tables',
  why: 'The oldest table decides the age of its database. One table that vacuum cannot finish, or never gets to, is enough to stop the server.',
  thresholds: ageThresholds,
  sql: (_, { warnShare, criticalShare }) =>
    tableAgesSql(Math.floor(Math.min(warnShare, criticalShare) * transactionIdLimit), 0),
  findings(rows, { limits }) {
    return rows.flatMap((row) => {
      const severity = ageSeverity(row.age_xids, row.freeze_max_age, limits);
      if (severity === undefined) return [];
      return [
        {
          object: row.table_name,
          relationOid: Number(row.table_oid),
          severity,
          message: `The oldest row of ${row.table_name} is ${formatCount(row.age_xids)} transactions old, ${formatPercent(row.age_xids / transactionIdLimit)} of the limit.`,
          measure: row.age_xids,
          evidence: [
            { label: 'Age', value: formatCount(row.age_xids) },
            { label: 'Oldest part', value: row.part },
            { label: 'Size', value: formatBytes(row.size_bytes) },
          ],
          ...(row.is_temporary
            ? {
                caution:
                  'A temporary table: only its own session can vacuum it, and autovacuum drops it once that session is gone.',
              }
            : {
                fixSql: `vacuum (freeze) ${row.table_name};`,
                lock: lockTexts.shareUpdateExclusive,
                caution: 'It cannot freeze what an old transaction may still see: end that first (XID05).',
              }),
          confidence: 'high' as const,
        },
      ];
    });
  },
  measures([oldest]) {
    return oldest === undefined
      ? []
      : [
          {
            key: 'xid.table_age',
            label: 'Transaction id age of the oldest table',
            unit: 'xids',
            value: oldest.age_xids,
            limit: stopAge,
          },
        ];
  },
};
