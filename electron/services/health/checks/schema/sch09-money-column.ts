import { formatBytes, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { alterTypes, columnList, columnsOfTypesSql, restoreTypes, type TypedColumnsRow } from './columns-of-types.ts';

export const moneyColumn: HealthCheck<TypedColumnsRow> = {
  id: 'SCH09',
  group: 'schema',
  basis: 'catalog',
  title: 'Columns of type money',
  why: 'The meaning of money depends on lc_monetary: the same bytes are dollars in one session and yen in another. It also cannot hold fractions of a cent.',
  sql: () => columnsOfTypesSql(['money']),
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'warning' as const,
      message: `Table ${row.table_name} has ${plural(row.columns.length, 'column')} of type money: ${columnList(row)}.`,
      evidence: [
        ...row.columns.map((column) => ({ label: column.name, value: column.type })),
        { label: 'Size of the table', value: formatBytes(row.size_bytes) },
      ],
      fixSql: alterTypes(row, ({ name }) => `numeric(19, 2) using ${name}::numeric`),
      undoSql: restoreTypes(row, ({ name }) => ` using ${name}::money`),
      lock: lockTexts.accessExclusiveRewrite,
      caution: 'Choose the scale that the amounts need. Views that use the columns must be dropped first.',
      confidence: 'high' as const,
    }));
  },
};
