import type { HealthFinding } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import { foreignKeysSql, type ForeignKeyRow, type KeyColumn } from './foreign-keys.ts';

/** An integer that refers to a wider one runs out: that is SEQ04. */
const widths: Readonly<Record<string, number>> = { int2: 2, int4: 4, int8: 8 };

export const foreignKeyTypeMismatch: HealthCheck<ForeignKeyRow> = {
  id: 'SCH29',
  group: 'schema',
  basis: 'catalog',
  title: 'Foreign keys between different types',
  why: 'Columns that refer to each other should hold the same values. Different types need a cast in every join, may keep an index from being used, and can admit values that the other side cannot hold.',
  sql: foreignKeysSql,
  findings(rows) {
    return rows.flatMap((row) => row.columns.flatMap((column) => columnFinding(row, column)));
  },
};

function columnFinding(row: ForeignKeyRow, column: KeyColumn): HealthFinding[] {
  const { difference } = column;
  if (difference === null) return [];
  const isSameType = difference.own_base === difference.their_base;
  // The length of a domain is its own matter.
  if (isSameType && difference.has_domain) return [];
  const own = widths[difference.own_base];
  const theirs = widths[difference.their_base];
  if (own !== undefined && theirs !== undefined && own < theirs) return [];
  const isHarmless =
    isSameType ||
    (difference.own_category === difference.their_category &&
      !/numeric|double|real/.test(`${difference.own} ${difference.theirs}`));
  return [
    {
      object: `${row.table_name}.${column.own}`,
      relationOid: Number(row.table_oid),
      severity: isHarmless ? 'info' : 'warning',
      message: `Column ${row.table_name}.${column.own} is ${difference.own} and refers to ${row.target_name}.${column.theirs}, which is ${difference.theirs}.`,
      evidence: [{ label: 'Foreign key', value: row.constraint_name }],
      caution: 'Changing a type rewrites the table under ACCESS EXCLUSIVE, unless it only grows a varchar.',
    },
  ];
}
