import { formatBytes, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { alterTypes, columnList, columnsOfTypesSql, restoreTypes, type TypedColumnsRow } from './columns-of-types.ts';

export const jsonColumn: HealthCheck<TypedColumnsRow> = {
  id: 'SCH10',
  group: 'schema',
  basis: 'catalog',
  title: 'Columns of type json',
  why: 'json keeps the text as it came and parses it again at each access. jsonb is parsed once, can be indexed and compared; it loses only the order and repetition of keys.',
  sql: () => columnsOfTypesSql(['json']),
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'info' as const,
      message: `Table ${row.table_name} has ${plural(row.columns.length, 'column')} of type json: ${columnList(row)}.`,
      evidence: [
        ...row.columns.map((column) => ({ label: column.name, value: column.type })),
        { label: 'Size of the table', value: formatBytes(row.size_bytes) },
      ],
      fixSql: alterTypes(row, ({ name }) => `jsonb using ${name}::jsonb`),
      undoSql: restoreTypes(row, ({ name }) => ` using ${name}::json`),
      lock: lockTexts.accessExclusiveRewrite,
      caution: 'The order of keys, repeated keys and white space are lost.',
      confidence: 'medium' as const,
      confidenceReason: 'json is right where the exact text must be kept.',
    }));
  },
};
