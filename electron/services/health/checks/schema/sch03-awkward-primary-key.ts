import type { HealthFinding } from '#contract/health-model.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { primaryKeyOf, printedType, relationsSql, tablesOf, type ColumnTuple, type RelationRow } from './relations.ts';

/** Lengths of a UUID as text: with hyphens, and in braces besides. */
const uuidLengths = [36, 38];
/** Without hyphens; any code can be as long, so then the name has to say what it is. */
const bareUuidLength = 32;

export const awkwardPrimaryKey: HealthCheck<RelationRow, 'maxColumns'> = {
  id: 'SCH03',
  group: 'schema',
  basis: 'catalog',
  title: 'Primary keys that are wide or UUIDs as text',
  why: 'Every foreign key and every index of a referring table repeats the primary key. A key of many columns makes them all wide, and a UUID stored as text takes 37 bytes instead of 16 and compares by collation.',
  thresholds: {
    // pglinter warns above four columns.
    maxColumns: { usual: 4, unit: 'count', label: 'Most columns of a primary key that are not reported' },
  },
  sql: relationsSql,
  findings(rows, { limits }) {
    return tablesOf(rows).flatMap((row): HealthFinding[] => {
      const key = primaryKeyOf(row);
      const columns = row.columns.filter(([attnum]) => key.includes(attnum));
      const [only] = columns;
      if (columns.length > limits.maxColumns) return [wideKey(row, columns)];
      return columns.length === 1 && only !== undefined && isUuidText(only) ? [uuidText(row, only)] : [];
    });
  },
};

function wideKey(row: RelationRow, columns: readonly ColumnTuple[]): HealthFinding {
  return {
    object: row.relation_name,
    relationOid: Number(row.relation_oid),
    severity: 'info',
    message: `The primary key of ${row.relation_name} has ${formatCount(columns.length)} columns.`,
    measure: columns.length,
    evidence: columns.map(([, name, , typeName]) => ({ label: quoteIdentifier(name), value: printedType(typeName) })),
    caution: 'Where other tables refer to it, a short key with a unique constraint over these columns is easier.',
  };
}

function isUuidText([, name, , typeName, , , typeModifier]: ColumnTuple): boolean {
  if (typeName !== 'varchar' && typeName !== 'bpchar') return false;
  const length = typeModifier - 4;
  return uuidLengths.includes(length) || (length === bareUuidLength && /uuid|guid|^id$/i.test(name));
}

function uuidText(row: RelationRow, column: ColumnTuple): HealthFinding {
  const [attnum, name, , typeName, , fills, typeModifier] = column;
  const quoted = quoteIdentifier(name);
  const type = `${printedType(typeName)}(${String(typeModifier - 4)})`;
  const isReference = row.is_referenced || row.references.some(([attnums]) => attnums.includes(attnum));
  return {
    object: row.relation_name,
    relationOid: Number(row.relation_oid),
    severity: 'info',
    message: `The primary key ${quoted} of ${row.relation_name} is ${type}, the length of a UUID as text; uuid takes 16 bytes.`,
    evidence: [{ label: quoted, value: type }],
    ...(isReference || fills !== '' || row.kind === 'p'
      ? {}
      : {
          fixSql: `alter table ${row.relation_name} alter column ${quoted} type uuid using ${quoted}::uuid;`,
          undoSql: `alter table ${row.relation_name} alter column ${quoted} type ${type} using ${quoted}::text;`,
          lock: lockTexts.accessExclusiveRewrite,
        }),
    caution: isReference
      ? 'Columns on both sides of its foreign keys have to change together.'
      : 'Fails, and changes nothing, where a value is not a UUID or a view uses the column.',
    confidence: 'medium',
    confidenceReason: 'Judged by the length of the type; the values were not read.',
  };
}
