import type { HealthCheck } from '../../health-check.ts';
import { foreignKeysSql, referenceText, type ForeignKeyRow } from './foreign-keys.ts';

export const intersectingForeignKeys: HealthCheck<ForeignKeyRow> = {
  id: 'SCH28',
  group: 'schema',
  basis: 'catalog',
  title: 'Foreign keys that overlap',
  why: 'Two foreign keys to one table that share columns are checked twice for one relation, or contradict each other: one column cannot name two different columns of the same row in general.',
  sql: foreignKeysSql,
  // Sharing a column is no fault where it means the same, such as the tenant in (tenant, author) and (tenant, editor).
  findings(rows) {
    return [...Map.groupBy(rows, (row) => `${row.table_oid} ${row.target_oid}`).values()].flatMap((keys) =>
      keys.flatMap((wide) =>
        keys.flatMap((narrow) => {
          const relation = relationBetween(wide, narrow);
          if (relation === undefined) return [];
          return [
            {
              object: wide.table_name,
              relationOid: Number(wide.table_oid),
              severity: 'info' as const,
              message:
                relation === 'contained'
                  ? `Foreign key ${narrow.constraint_name} of ${wide.table_name} is contained in ${wide.constraint_name}: both refer to ${wide.target_name}.`
                  : `Foreign keys ${narrow.constraint_name} and ${wide.constraint_name} of ${wide.table_name} take one column for different columns of ${wide.target_name}.`,
              evidence: [
                { label: wide.constraint_name, value: referenceText(wide) },
                { label: narrow.constraint_name, value: referenceText(narrow) },
              ],
              caution: 'Their actions on delete and update may differ: compare them before one goes.',
            },
          ];
        }),
      ),
    );
  },
};

/** What the narrower key is to the wider; each pair of keys is judged once. */
function relationBetween(wide: ForeignKeyRow, narrow: ForeignKeyRow): 'contained' | 'crossed' | undefined {
  if (wide === narrow) return undefined;
  const targets = new Map(wide.columns.map(({ own, theirs }) => [own, theirs]));
  const isContained = narrow.columns.every(({ own, theirs }) => targets.get(own) === theirs);
  if (isContained) return narrow.columns.length < wide.columns.length ? 'contained' : undefined;
  const isCrossed = narrow.columns.some(({ own, theirs }) => targets.has(own) && targets.get(own) !== theirs);
  return isCrossed && Number(narrow.constraint_oid) > Number(wide.constraint_oid) ? 'crossed' : undefined;
}
