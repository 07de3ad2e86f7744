import type { HealthCheck } from '../../health-check.ts';
import {
  alterTypes,
  collate,
  columnsOfTypesSql,
  restoreTypes,
  withTypes,
  type TypedColumn,
  type TypedColumnsRow,
} from './columns-of-types.ts';
import { listedTables } from './fold-by-schema.ts';
import { typeFindings } from './type-findings.ts';

export const charColumn: HealthCheck<TypedColumnsRow, 'listedTables'> = {
  id: 'SCH07',
  group: 'schema',
  basis: 'catalog',
  title: 'Columns of type char(n)',
  why: 'char(n) fills values with blanks, saves no space, and ignores trailing blanks in comparisons only. varchar(n) has the same limit and no such surprises.',
  thresholds: { listedTables },
  sql: () => columnsOfTypesSql,
  findings(rows, { limits }) {
    return typeFindings(withTypes(rows, ['bpchar']), limits.listedTables, {
      severity: 'info',
      what: 'of type char(n)',
      fix: (row) => ({
        fixSql: alterTypes(row, (column) => `${varying(column)}${collate(column)}`),
        undoSql: restoreTypes(row),
      }),
      caution:
        'The length stays the limit, as varchar(n). Stored blanks at the end are cut off, and those of new values count in comparisons.',
    });
  },
};

/** The type without the filling, with the same length; bpchar without one has no limit. */
function varying({ type }: TypedColumn): string {
  return type.startsWith('character(') ? type.replace('character', 'character varying') : 'text';
}
