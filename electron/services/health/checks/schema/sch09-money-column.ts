import type { HealthCheck } from '../../health-check.ts';
import { alterTypes, columnsOfTypesSql, restoreTypes, withTypes, type TypedColumnsRow } from './columns-of-types.ts';
import { listedTables } from './fold-by-schema.ts';
import { typeFindings } from './type-findings.ts';

export const moneyColumn: HealthCheck<TypedColumnsRow, 'listedTables'> = {
  id: 'SCH09',
  group: 'schema',
  basis: 'catalog',
  title: 'Columns of type money',
  why: 'The meaning of money depends on lc_monetary: the same bytes are dollars in one session and yen in another. It also cannot hold fractions of a cent.',
  thresholds: { listedTables },
  sql: () => columnsOfTypesSql,
  findings(rows, { limits }) {
    return typeFindings(withTypes(rows, ['money']), limits.listedTables, {
      severity: 'warning',
      what: 'of type money',
      fix: (row) => ({
        fixSql: alterTypes(row, ({ name }) => `numeric(19, 2) using ${name}::numeric`),
        undoSql: restoreTypes(row, ({ name }) => ` using ${name}::money`),
      }),
      caution: 'Choose the scale that the amounts need.',
    });
  },
};
