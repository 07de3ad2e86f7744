import type { HealthFinding } from '#contract/health-model.ts';
import { formatCount, plural } from '../../format-values.ts';
import { lockTexts } from '../../lock-texts.ts';
import { canAlterTypes, columnList, tablesAndColumns, type TypedColumnsRow } from './columns-of-types.ts';
import { foldBySchema } from './fold-by-schema.ts';

interface TypeAdvice extends Pick<HealthFinding, 'severity' | 'caution' | 'confidence' | 'confidenceReason'> {
  /** Goes after "2 columns": `of type money`. */
  readonly what: string;
  readonly fix?: (row: TypedColumnsRow) => { readonly fixSql: string; readonly undoSql: string };
}

/** One finding for each table, or one for a schema that has many; the fix only where nothing hangs on the types. */
export function typeFindings(rows: readonly TypedColumnsRow[], most: number, advice: TypeAdvice): HealthFinding[] {
  const { what, fix, ...common } = advice;
  return foldBySchema(
    rows,
    most,
    (row) => ({
      ...common,
      object: row.table_name,
      relationOid: Number(row.table_oid),
      message: `Table ${row.table_name} has ${plural(row.columns.length, 'column')} ${what}: ${columnList(row)}.`,
      measure: row.columns.length,
      evidence: row.columns.map((column) => ({ label: column.name, value: column.type })),
      ...(fix === undefined || !canAlterTypes(row) ? {} : { ...fix(row), lock: lockTexts.accessExclusiveRewrite }),
    }),
    (schema, ofSchema) => {
      const columns = ofSchema.reduce((sum, row) => sum + row.columns.length, 0);
      return {
        ...common,
        object: `schema ${schema}`,
        message: `${formatCount(ofSchema.length)} tables of schema ${schema} have columns ${what}, ${formatCount(columns)} in all.`,
        measure: columns,
        evidence: tablesAndColumns(ofSchema),
      };
    },
  );
}
