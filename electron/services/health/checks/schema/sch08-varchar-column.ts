import type { HealthCheck } from '../../health-check.ts';
import {
  alterTypes,
  collate,
  columnsOfVarcharSql,
  restoreTypes,
  withTypes,
  type TypedColumnsRow,
} from './columns-of-types.ts';
import { listedTables } from './fold-by-schema.ts';
import { typeFindings } from './type-findings.ts';

export const varcharColumn: HealthCheck<TypedColumnsRow, 'listedTables'> = {
  id: 'SCH08',
  group: 'schema',
  basis: 'catalog',
  title: 'Columns of type varchar(n)',
  why: 'varchar(n) is no faster and no smaller than text. A limit that turns out too small needs ALTER TABLE under ACCESS EXCLUSIVE, where a CHECK constraint can be exchanged while others work.',
  onlyWhenAsked: true,
  thresholds: { listedTables },
  sql: () => columnsOfVarcharSql,
  findings(rows, { limits }) {
    const limited = withTypes(rows, ['varchar']).flatMap((row) => {
      const columns = row.columns.filter((column) => !column.is_domain && column.type.includes('('));
      return columns.length === 0 ? [] : [{ ...row, columns }];
    });
    return typeFindings(limited, limits.listedTables, {
      severity: 'info',
      what: 'of type varchar(n)',
      fix: (row) => ({ fixSql: alterTypes(row, (column) => `text${collate(column)}`), undoSql: restoreTypes(row) }),
      caution: 'Where the length has a meaning, add CHECK (length(…) <= n).',
      confidence: 'medium',
      confidenceReason: 'A matter of taste: a limit can be wanted.',
    });
  },
};
