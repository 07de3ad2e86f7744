import type { HealthCheck } from '../../health-check.ts';
import { alterTypes, columnsOfTypesSql, restoreTypes, withTypes, type TypedColumnsRow } from './columns-of-types.ts';
import { listedTables } from './fold-by-schema.ts';
import { typeFindings } from './type-findings.ts';

export const timestampWithoutZone: HealthCheck<TypedColumnsRow, 'listedTables'> = {
  id: 'SCH06',
  group: 'schema',
  basis: 'catalog',
  title: 'Timestamps without time zone',
  why: 'A timestamp without time zone does not say which moment it means: sessions in different zones read the same value as different times, and the hour that repeats in autumn is ambiguous. timestamptz takes the same room.',
  thresholds: { listedTables },
  sql: () => columnsOfTypesSql,
  findings(rows, { limits }) {
    return typeFindings(withTypes(rows, ['timestamp', 'timetz']), limits.listedTables, {
      severity: 'warning',
      what: 'of a timestamp type that does not fix a moment',
      fix: (row) => ({
        fixSql: alterTypes(row, ({ name, base }) =>
          base === 'timestamp' ? `timestamp with time zone using ${name} at time zone 'UTC'` : 'time without time zone',
        ),
        undoSql: restoreTypes(row, ({ name, base }) =>
          base === 'timestamp' ? ` using ${name} at time zone 'UTC'` : '',
        ),
      }),
      caution:
        'Replace UTC by the zone in which the values were written. Views and functions that use the columns must be dropped first.',
      confidence: 'medium',
      confidenceReason: 'A local time is right where the place matters and not the moment: opening hours, birthdays.',
    });
  },
};
