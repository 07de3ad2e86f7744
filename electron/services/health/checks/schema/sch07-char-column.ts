import { formatBytes, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { alterTypes, columnList, columnsOfTypesSql, restoreTypes, type TypedColumnsRow } from './columns-of-types.ts';

export const charColumn: HealthCheck<TypedColumnsRow> = {
  id: 'SCH07',
  group: 'schema',
  basis: 'catalog',
  title: 'Columns of type char(n)',
  why: 'char(n) fills values with blanks, saves no space, and ignores trailing blanks in comparisons only. text, with a check if the length matters, has no such surprises.',
  sql: () => columnsOfTypesSql(['bpchar']),
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'info' as const,
      message: `Table ${row.table_name} has ${plural(row.columns.length, 'column')} of type char(n): ${columnList(row)}.`,
      evidence: [
        ...row.columns.map((column) => ({ label: column.name, value: column.type })),
        { label: 'Size of the table', value: formatBytes(row.size_bytes) },
      ],
      fixSql: alterTypes(row, () => 'text'),
      undoSql: restoreTypes(row),
      lock: lockTexts.accessExclusiveRewrite,
      caution: 'Stored blanks at the end are cut off. Views and functions that use the columns must be dropped first.',
      confidence: 'high' as const,
    }));
  },
};
