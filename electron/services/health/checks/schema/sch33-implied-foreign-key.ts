import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { impliedForeignKeys, type ImpliedForeignKey } from './implied-foreign-keys.ts';
import { relationsSql, tablesOf, type RelationRow } from './relations.ts';

export const impliedForeignKey: HealthCheck<RelationRow> = {
  id: 'SCH33',
  group: 'schema',
  basis: 'catalog',
  title: 'Columns that look like a foreign key and are none',
  why: 'A column named after another table’s key, of the same type, is read as a reference by everybody but the server. Without the constraint nothing keeps it from pointing to rows that are gone.',
  sql: relationsSql,
  findings(rows, { facts }) {
    const implied = impliedForeignKeys(tablesOf(rows));
    return [...Map.groupBy(implied, ({ table }) => table)].map(([table, keys]) => {
      const named = keys.map((key) => nameOf(key));
      // A partitioned table takes a NOT VALID foreign key since 18.
      const isLate = table.kind === 'r' || facts.versionNum >= 180_000;
      const own =
        keys.length === 1
          ? `Column ${named[0]?.column ?? ''}`
          : `Columns ${named.map(({ column }) => column).join(', ')}`;
      const targets = [...new Set(keys.map(({ target }) => target.relation_name))];
      return {
        object: table.relation_name,
        relationOid: Number(table.relation_oid),
        severity: 'info' as const,
        message: `${own} of ${table.relation_name} ${keys.length === 1 ? 'looks like a reference' : 'look like references'} to ${targets.join(', ')}, and no foreign key says so.`,
        measure: keys.length,
        evidence: [
          ...named.map(({ column, target }) => ({ label: column, value: `looks like ${target}` })),
          { label: 'Rows (estimate)', value: formatCount(table.rows) },
        ],
        ...(isLate
          ? {
              fixSql: named
                .flatMap(({ column, target, constraint }) => [
                  `alter table ${table.relation_name} add constraint ${constraint} foreign key (${column}) references ${target} not valid;`,
                  `alter table ${table.relation_name} validate constraint ${constraint};`,
                ])
                .join('\n'),
              undoSql: named
                .map(({ constraint }) => `alter table ${table.relation_name} drop constraint ${constraint};`)
                .join('\n'),
              lock: lockTexts.shareRowExclusive,
            }
          : {}),
        caution:
          'VALIDATE fails where a value has no row in the target: find those first. From then on writes are checked, and deletes in the target need an index on the column.',
        confidence: 'medium' as const,
        confidenceReason: 'Judged by name and type; values were not compared.',
        related: [...new Map(keys.map(({ target }) => [Number(target.relation_oid), target.relation_name]))].map(
          ([oid, name]) => ({ name, oid }),
        ),
      };
    });
  },
};

/** The parts of a foreign key as SQL writes them. */
function nameOf({ table, column, target, targetColumn }: ImpliedForeignKey): {
  readonly column: string;
  readonly target: string;
  readonly constraint: string;
} {
  return {
    column: quoteIdentifier(column),
    target: `${target.relation_name} (${quoteIdentifier(targetColumn)})`,
    constraint: quoteIdentifier(constraintName(table.bare_name, column)),
  };
}

/** As PostgreSQL would name it, cut so that `_fkey` and 63 bytes are kept. */
function constraintName(table: string, column: string): string {
  const ending = '_fkey';
  let stem = `${table}_${column}`;
  while (Buffer.byteLength(stem) > 63 - ending.length) stem = [...stem].slice(0, -1).join('');
  return stem + ending;
}
