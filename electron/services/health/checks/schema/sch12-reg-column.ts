import { formatBytes, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { alterTypes, columnList, columnsOfTypesSql, restoreTypes, type TypedColumnsRow } from './columns-of-types.ts';

export const regColumn: HealthCheck<TypedColumnsRow> = {
  id: 'SCH12',
  group: 'schema',
  basis: 'catalog',
  title: 'Columns of reg types that stop pg_upgrade',
  why: 'These types hold the number of a catalog object, and pg_upgrade does not keep those numbers. It refuses to run while such a column exists.',
  sql: () =>
    columnsOfTypesSql([
      'regcollation',
      'regconfig',
      'regdictionary',
      'regnamespace',
      'regoper',
      'regoperator',
      'regproc',
      'regprocedure',
    ]),
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'warning' as const,
      message: `Table ${row.table_name} has ${plural(row.columns.length, 'column')} of a reg type: ${columnList(row)}.`,
      evidence: [
        ...row.columns.map((column) => ({ label: column.name, value: column.type })),
        { label: 'Size of the table', value: formatBytes(row.size_bytes) },
      ],
      fixSql: alterTypes(row, ({ name }) => `text using ${name}::text`),
      undoSql: restoreTypes(row, ({ name, type }) => ` using ${name}::${type}`),
      lock: lockTexts.accessExclusiveRewrite,
      caution: 'The text is resolved by the search path when it is cast back.',
      confidence: 'high' as const,
    }));
  },
};
