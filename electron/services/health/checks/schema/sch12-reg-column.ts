import type { HealthCheck } from '../../health-check.ts';
import { alterTypes, columnsOfTypesSql, restoreTypes, withTypes, type TypedColumnsRow } from './columns-of-types.ts';
import { listedTables } from './fold-by-schema.ts';
import { typeFindings } from './type-findings.ts';

export const regColumn: HealthCheck<TypedColumnsRow, 'listedTables'> = {
  id: 'SCH12',
  group: 'schema',
  basis: 'catalog',
  title: 'Columns of reg types that stop pg_upgrade',
  why: 'These types hold the number of a catalog object, and pg_upgrade does not keep those numbers. It refuses to run while such a column exists.',
  thresholds: { listedTables },
  sql: () => columnsOfTypesSql,
  // regclass, regrole and regtype are kept by pg_upgrade and do not stop it.
  findings(rows, { limits }) {
    const typed = withTypes(rows, [
      'regcollation',
      'regconfig',
      'regdictionary',
      'regnamespace',
      'regoper',
      'regoperator',
      'regproc',
      'regprocedure',
    ]);
    return typeFindings(typed, limits.listedTables, {
      severity: 'warning',
      what: 'of a reg type',
      fix: (row) => ({
        fixSql: alterTypes(row, ({ name }) => `text using ${name}::text`),
        undoSql: restoreTypes(row, ({ name, type }) => ` using ${name}::${type}`),
      }),
      caution: 'The text is resolved by the search path when it is cast back.',
    });
  },
};
