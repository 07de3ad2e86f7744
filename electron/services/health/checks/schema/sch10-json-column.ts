import type { HealthCheck } from '../../health-check.ts';
import { alterTypes, columnsOfTypesSql, restoreTypes, withTypes, type TypedColumnsRow } from './columns-of-types.ts';
import { listedTables } from './fold-by-schema.ts';
import { typeFindings } from './type-findings.ts';

export const jsonColumn: HealthCheck<TypedColumnsRow, 'listedTables'> = {
  id: 'SCH10',
  group: 'schema',
  basis: 'catalog',
  title: 'Columns of type json',
  why: 'json keeps the text as it came and parses it again at each access. jsonb is parsed once, can be indexed and compared; it loses only the order and repetition of keys.',
  thresholds: { listedTables },
  sql: () => columnsOfTypesSql,
  findings(rows, { limits }) {
    return typeFindings(withTypes(rows, ['json']), limits.listedTables, {
      severity: 'info',
      what: 'of type json',
      fix: (row) => ({
        fixSql: alterTypes(row, ({ name }) => `jsonb using ${name}::jsonb`),
        undoSql: restoreTypes(row, ({ name }) => ` using ${name}::json`),
      }),
      caution: 'The order of keys, repeated keys and white space are lost.',
      confidence: 'medium',
      confidenceReason: 'json is right where the exact text must be kept.',
    });
  },
};
