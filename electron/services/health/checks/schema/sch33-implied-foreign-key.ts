import type { HealthFinding } from '#contract/health-model.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { formatCount, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { truncateToNameLimit } from '../indexes/drop-index.ts';
import { nameList } from './fold-by-schema.ts';
import { impliedForeignKeys, type ImpliedForeignKey } from './implied-foreign-keys.ts';
import { printedType, relationsSql, tablesOf, type RelationRow } from './relations.ts';

export const impliedForeignKey: HealthCheck<RelationRow, 'listedTables'> = {
  id: 'SCH33',
  group: 'schema',
  basis: 'catalog',
  title: 'Columns that look like a foreign key and are none',
  why: 'A column named after another table’s key, of the same type, is read as a reference by everybody but the server. Without the constraint nothing keeps it from pointing to rows that are gone.',
  thresholds: {
    listedTables: {
      usual: 5,
      unit: 'count',
      label: 'Tables of one schema with the same target that are listed one by one',
    },
  },
  sql: relationsSql,
  findings(rows, { facts, limits }) {
    const implied = impliedForeignKeys(tablesOf(rows));
    const [everywhere, here] = partition(implied, limits.listedTables);
    return [
      ...[...Map.groupBy(here, ({ table }) => table)].map(([table, keys]) =>
        // A partitioned table takes a NOT VALID foreign key since 18.
        tableFinding(table, keys, table.kind === 'r' || facts.versionNum >= 180_000),
      ),
      ...everywhere.map((keys) => targetFinding(keys)),
    ];
  },
};

/** The keys to each target that more than `most` tables have, and all others. */
function partition(
  implied: readonly ImpliedForeignKey[],
  most: number,
): [ImpliedForeignKey[][], readonly ImpliedForeignKey[]] {
  const everywhere = [...Map.groupBy(implied, ({ target }) => target).values()].filter(
    (keys) => new Set(keys.map(({ table }) => table)).size > most,
  );
  const folded = new Set(everywhere.flat());
  return [everywhere, implied.filter((key) => !folded.has(key))];
}

function tableFinding(table: RelationRow, keys: readonly ImpliedForeignKey[], isLate: boolean): HealthFinding {
  const taken = new Set(table.fkey_names);
  const named = keys.map((key) => ({ ...nameOf(key), constraint: freeConstraintName(key, taken) }));
  const own =
    keys.length === 1 ? `Column ${named[0]?.column ?? ''}` : `Columns ${named.map(({ column }) => column).join(', ')}`;
  const targets = [...new Set(keys.map(({ target }) => target.relation_name))];
  const empty = targets.filter(
    (name) => table.rows > 0 && keys.some(({ target }) => target.relation_name === name && target.rows === 0),
  );
  return {
    object: table.relation_name,
    relationOid: Number(table.relation_oid),
    severity: 'info',
    message: `${own} of ${table.relation_name} ${keys.length === 1 ? 'looks like a reference' : 'look like references'} to ${targets.join(', ')}, and no foreign key says so.`,
    measure: keys.length,
    evidence: [
      ...named.map(({ column, target }) => ({ label: column, value: `looks like ${target}` })),
      { label: 'Rows (estimate)', value: formatCount(table.rows) },
    ],
    ...(isLate && empty.length === 0
      ? {
          fixSql: named
            .flatMap(({ column, target, constraint }) => [
              `alter table ${table.relation_name} add constraint ${constraint} foreign key (${column}) references ${target} not valid;`,
              `alter table ${table.relation_name} validate constraint ${constraint};`,
            ])
            .join('\n'),
          // What did not come to be, because a value has no row in the target, need not go.
          undoSql: named
            .map(({ constraint }) => `alter table ${table.relation_name} drop constraint if exists ${constraint};`)
            .join('\n'),
          lock: lockTexts.shareRowExclusive,
        }
      : {}),
    caution: [
      empty.length === 0
        ? 'VALIDATE fails where a value has no row in the target, and the constraint goes again: find those first. Once it is there writes are checked, and deletes in the target need an index on the column.'
        : `By its statistics ${empty.join(', ')} has no rows, and ${table.relation_name} has: a foreign key would refuse what is there. Fill the target or ANALYZE it first.`,
      ...keys.flatMap(typeDifference),
    ].join(' '),
    confidence: 'medium',
    confidenceReason: 'Judged by name and type; values were not compared.',
    related: [...new Map(keys.map(({ target }) => [Number(target.relation_oid), target.relation_name]))].map(
      ([oid, name]) => ({ name, oid }),
    ),
  };
}

/** One line for what most tables of a schema have, such as the account that each row belongs to. */
function targetFinding(keys: readonly ImpliedForeignKey[]): HealthFinding {
  const [first] = keys;
  const schema = quoteIdentifier(first?.target.schema_name ?? '');
  const target = first?.target.relation_name ?? '';
  const tables = new Set(keys.map(({ table }) => table)).size;
  return {
    object: `schema ${schema}: references to ${target}`,
    ...(first === undefined ? {} : { relationOid: Number(first.target.relation_oid) }),
    severity: 'info',
    message: `${plural(tables, 'table')} of schema ${schema} ${tables === 1 ? 'has' : 'have'} columns that look like references to ${target}, and no foreign key says so.`,
    measure: tables,
    evidence: [
      { label: 'Columns', value: nameList(keys.map((key) => `${key.table.relation_name}.${nameOf(key).column}`)) },
      { label: 'Number of columns', value: formatCount(keys.length) },
    ],
    caution: [
      'Add each as NOT VALID and validate it in a transaction of its own, after the values without a row in the target are found. Deletes in the target need an index on every one of the columns.',
      ...new Set(keys.flatMap(typeDifference)),
    ].join(' '),
    confidence: 'medium',
    confidenceReason: 'Judged by name and type; values were not compared.',
  };
}

const integerTypes = ['smallint', 'integer', 'bigint'];

/** What a foreign key between two integer types leaves to be done. */
function typeDifference(key: ImpliedForeignKey): string[] {
  const typeOf = (table: RelationRow, column: string) =>
    printedType(table.columns.find(([, name]) => name === column)?.[3] ?? '');
  const [own, theirs] = [typeOf(key.table, key.column), typeOf(key.target, key.targetColumn)];
  if (own === theirs) return [];
  const isNarrow = integerTypes.indexOf(own) < integerTypes.indexOf(theirs);
  return [
    `${nameOf(key).column} is ${own}, its target ${theirs}: give it the type of its target first${isNarrow ? ', or it runs out of values before the target does (SEQ04)' : ' (SCH29)'}.`,
  ];
}

/** The parts of a foreign key as SQL writes them. */
function nameOf({ column, target, targetColumn }: ImpliedForeignKey): {
  readonly column: string;
  readonly target: string;
} {
  return {
    column: quoteIdentifier(column),
    target: `${target.relation_name} (${quoteIdentifier(targetColumn)})`,
  };
}

/**
 * As PostgreSQL would name it, quoted. The way back drops the constraint by its name, so it is one that no constraint of
 * the table has, and none that the same fix adds: it joins those that are taken.
 */
function freeConstraintName({ table, column }: ImpliedForeignKey, taken: Set<string>): string {
  for (let number = 0; ; number += 1) {
    const name = truncateToNameLimit(`${table.bare_name}_${column}`, `_fkey${number === 0 ? '' : String(number)}`);
    if (taken.has(name)) continue;
    taken.add(name);
    return quoteIdentifier(name);
  }
}
