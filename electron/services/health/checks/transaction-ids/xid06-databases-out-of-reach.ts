import type { HealthFinding } from '#contract/health-model.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { databaseAgesSql, type DatabaseAgeRow } from './database-ages.ts';

export const databasesOutOfReach: HealthCheck<DatabaseAgeRow, 'timesFreezeMaxAge'> = {
  id: 'XID06',
  group: 'transaction-ids',
  basis: 'moment',
  title: 'Databases that nobody can connect to',
  why: 'Every database counts for the age of the server, also those that are closed or half dropped. Autovacuum looks after closed ones by itself; where it does not get through, nobody notices until the server stops.',
  thresholds: {
    // Autovacuum starts at once the age; half as much again and it should long be done.
    timesFreezeMaxAge: { usual: 1.5, unit: 'ratio', label: 'Age, in times of autovacuum_freeze_max_age' },
  },
  sql: () => databaseAgesSql,
  findings(rows, { limits }) {
    return rows.flatMap((row): HealthFinding[] => {
      const evidence = [
        { label: 'Age', value: formatCount(row.age_xids) },
        { label: 'autovacuum_freeze_max_age', value: formatCount(row.freeze_max_age) },
        { label: 'Template', value: row.is_template ? 'yes' : 'no' },
      ];
      if (row.is_invalid) {
        return [
          {
            object: `database ${row.database_name}`,
            severity: 'warning',
            message: `Database ${row.database_name} is what an interrupted drop left behind: nobody can connect to it, and it can only be dropped.`,
            measure: row.age_xids,
            evidence,
            fixSql: `drop database ${row.database_name};`,
            lock: lockTexts.none,
            caution: 'Its content is partly gone already and cannot be had back.',
            confidence: 'high',
          },
        ];
      }
      if (row.allows_connections || row.age_xids < limits.timesFreezeMaxAge * row.freeze_max_age) return [];
      return [
        {
          object: `database ${row.database_name}`,
          severity: 'info',
          message: `Database ${row.database_name} allows no connections and is ${formatCount(row.age_xids)} transactions old: autovacuum should have frozen it by now.`,
          measure: row.age_xids,
          evidence,
          fixSql: `alter database ${row.database_name} with allow_connections true;`,
          undoSql: `alter database ${row.database_name} with allow_connections false;`,
          lock: lockTexts.none,
          caution: `Then connect to ${row.database_name}, run vacuum (freeze), and close it again.`,
          confidence: 'high',
        },
      ];
    });
  },
};
