import type { HealthCheck } from '../../health-check.ts';
import { foreignKeysSql, referenceText, type ForeignKeyRow } from './foreign-keys.ts';

export const nullableCompositeForeignKey: HealthCheck<ForeignKeyRow> = {
  id: 'SCH30',
  group: 'schema',
  basis: 'catalog',
  title: 'Foreign keys of several columns that one null turns off',
  why: 'With MATCH SIMPLE, the default, a row with a null in one column of the key is not checked at all, whatever stands in the others. Half a reference is accepted and points nowhere.',
  sql: foreignKeysSql,
  // One nullable column beside others that are NOT NULL is the usual way to say "no reference": (tenant, parent).
  findings(rows) {
    return rows.flatMap((row) => {
      const nullable = row.columns.filter((column) => !column.own_is_not_null).map((column) => column.own);
      if (row.match !== 's' || nullable.length < 2) return [];
      return [
        {
          object: row.table_name,
          relationOid: Number(row.table_oid),
          severity: 'info' as const,
          message: `Foreign key ${row.constraint_name} of ${row.table_name} checks nothing as soon as one of ${nullable.join(', ')} is null.`,
          evidence: [
            { label: 'Foreign key', value: referenceText(row) },
            { label: 'Columns that may be null', value: nullable.join(', ') },
          ],
          caution:
            'MATCH FULL wants all columns null or none. It needs a new constraint, which fails where rows break it.',
          confidence: 'medium' as const,
          confidenceReason: 'A check constraint or the application may see to it.',
        },
      ];
    });
  },
};
