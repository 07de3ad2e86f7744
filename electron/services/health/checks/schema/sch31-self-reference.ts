import type { HealthFinding } from '#contract/health-model.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { foldBySchema, listedTables, nameList } from './fold-by-schema.ts';
import { foreignKeysSql, referenceText, type ForeignKeyRow } from './foreign-keys.ts';

export const selfReference: HealthCheck<ForeignKeyRow, 'listedTables'> = {
  id: 'SCH31',
  group: 'schema',
  basis: 'catalog',
  title: 'Tables that refer to themselves without saying what a delete does',
  why: 'In a tree the rows below a deleted row have to go somewhere: with it, to nobody, or nowhere because the delete is refused. NO ACTION is the default, so often nobody has decided.',
  thresholds: { listedTables },
  sql: foreignKeysSql,
  findings(rows, { limits }) {
    const own = rows.filter((row) => row.table_oid === row.target_oid);
    // A row that refers to itself by the same columns always does.
    const mirrors = own.filter((row) => row.columns.every((column) => column.own === column.theirs));
    const undecided = own.filter((row) => row.on_delete === 'a' && !mirrors.includes(row));
    return [
      ...mirrors.map(mirror),
      ...foldBySchema(undecided, limits.listedTables, treeWithoutRule, (schema, keys) => ({
        object: `schema ${schema}`,
        severity: 'info',
        message: `${formatCount(keys.length)} foreign keys of tables of schema ${schema} to themselves say nothing about deletes.`,
        measure: keys.length,
        evidence: [{ label: 'Tables', value: nameList(keys.map((row) => row.table_name)) }],
        ...refusal,
      })),
    ];
  },
};

const refusal = {
  caution: 'Leave it where that is wanted. ON DELETE CASCADE deletes the whole tree below a row, SET NULL cuts it off.',
  confidence: 'medium',
  confidenceReason: 'Refusing the delete can be what is wanted.',
} as const;

function mirror(row: ForeignKeyRow): HealthFinding {
  const own = row.columns.map((column) => column.own).join(', ');
  return {
    object: row.table_name,
    relationOid: Number(row.table_oid),
    severity: 'warning',
    message: `Foreign key ${row.constraint_name} of ${row.table_name} refers from a row to the same row: it always holds and checks nothing.`,
    evidence: [{ label: 'Foreign key', value: referenceText(row) }],
    fixSql: `alter table ${row.table_name} drop constraint ${row.constraint_name};`,
    undoSql: `alter table ${row.table_name} add constraint ${row.constraint_name} foreign key (${own}) references ${row.target_name} (${own});`,
    lock: lockTexts.accessExclusiveShort,
    caution: 'Another table or column may have been meant.',
  };
}

function treeWithoutRule(row: ForeignKeyRow): HealthFinding {
  return {
    object: row.table_name,
    relationOid: Number(row.table_oid),
    severity: 'info',
    message: `Foreign key ${row.constraint_name} of ${row.table_name} to itself says nothing about deletes: a row that others refer to cannot be deleted.`,
    evidence: [{ label: 'Foreign key', value: referenceText(row) }],
    ...refusal,
  };
}
