import { formatBytes, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { alterTypes, columnList, columnsOfTypesSql, restoreTypes, type TypedColumnsRow } from './columns-of-types.ts';

export const timestampWithoutZone: HealthCheck<TypedColumnsRow> = {
  id: 'SCH06',
  group: 'schema',
  basis: 'catalog',
  title: 'Timestamps without time zone',
  why: 'A timestamp without time zone does not say which moment it means: sessions in different zones read the same value as different times, and the hour that repeats in autumn is ambiguous. timestamptz takes the same room.',
  sql: () => columnsOfTypesSql(['timestamp', 'timetz']),
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'warning' as const,
      message: `Table ${row.table_name} has ${plural(row.columns.length, 'column')} of a timestamp type that does not fix a moment: ${columnList(row)}.`,
      evidence: [
        ...row.columns.map((column) => ({ label: column.name, value: column.type })),
        { label: 'Size of the table', value: formatBytes(row.size_bytes) },
      ],
      fixSql: alterTypes(row, ({ name, type }) =>
        type.startsWith('timestamp')
          ? `timestamp with time zone using ${name} at time zone 'UTC'`
          : 'time without time zone',
      ),
      undoSql: restoreTypes(row, ({ name, type }) =>
        type.startsWith('timestamp') ? ` using ${name} at time zone 'UTC'` : '',
      ),
      lock: lockTexts.accessExclusiveRewrite,
      caution:
        'Replace UTC by the zone in which the values were written. Views and functions that use the columns must be dropped first.',
      confidence: 'medium' as const,
      confidenceReason: 'A local time is right where the place matters and not the moment: opening hours, birthdays.',
    }));
  },
};
