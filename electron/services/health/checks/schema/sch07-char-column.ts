import type { HealthCheck } from '../../health-check.ts';
import { alterTypes, columnsOfTypesSql, restoreTypes, withTypes, type TypedColumnsRow } from './columns-of-types.ts';
import { listedTables } from './fold-by-schema.ts';
import { typeFindings } from './type-findings.ts';

export const charColumn: HealthCheck<TypedColumnsRow, 'listedTables'> = {
  id: 'SCH07',
  group: 'schema',
  basis: 'catalog',
  title: 'Columns of type char(n)',
  why: 'char(n) fills values with blanks, saves no space, and ignores trailing blanks in comparisons only. text, with a check if the length matters, has no such surprises.',
  thresholds: { listedTables },
  sql: () => columnsOfTypesSql,
  findings(rows, { limits }) {
    return typeFindings(withTypes(rows, ['bpchar']), limits.listedTables, {
      severity: 'info',
      what: 'of type char(n)',
      fix: (row) => ({ fixSql: alterTypes(row, () => 'text'), undoSql: restoreTypes(row) }),
      caution: 'Stored blanks at the end are cut off. Views and functions that use the columns must be dropped first.',
    });
  },
};
