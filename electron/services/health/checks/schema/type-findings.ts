import type { HealthFinding } from '#contract/health-model.ts';
import { formatCount, plural } from '../../format-values.ts';
import { lockTexts } from '../../lock-texts.ts';
import { columnList, tablesAndColumns, typesHeld, type TypedColumnsRow } from './columns-of-types.ts';
import { foldBySchema } from './fold-by-schema.ts';

interface TypeAdvice extends Pick<HealthFinding, 'severity' | 'caution' | 'confidence' | 'confidenceReason'> {
  /** Goes after "2 columns": `of type money`. */
  readonly what: string;
  /** Statements that change the types and back, and what else to know about them; without any only that. */
  readonly fix: (row: TypedColumnsRow) => TypeFix;
}

/** What changes the types of a table's columns. */
export type TypeFix =
  | { readonly fixSql: string; readonly undoSql: string; readonly caution?: string }
  | { readonly fixSql?: never; readonly caution: string };

/** One finding for each table, or one for a schema that has many; the fix only where nothing hangs on the types. */
export function typeFindings(rows: readonly TypedColumnsRow[], most: number, advice: TypeAdvice): HealthFinding[] {
  const { what, fix: _, ...common } = advice;
  return foldBySchema(
    rows,
    most,
    (row) => ({
      ...common,
      ...fixOf(row, advice),
      object: row.table_name,
      relationOid: Number(row.table_oid),
      message: `Table ${row.table_name} has ${plural(row.columns.length, 'column')} ${what}: ${columnList(row)}.`,
      measure: row.columns.length,
      evidence: row.columns.map((column) => ({ label: column.name, value: column.type })),
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

function fixOf(
  row: TypedColumnsRow,
  advice: TypeAdvice,
): Pick<HealthFinding, 'fixSql' | 'undoSql' | 'lock' | 'caution'> {
  const held = typesHeld(row);
  const fix = held === undefined ? advice.fix(row) : { caution: held };
  const caution = [fix.caution, advice.caution].filter((sentence) => sentence !== undefined).join(' ');
  return {
    ...(fix.fixSql === undefined
      ? {}
      : { fixSql: fix.fixSql, undoSql: fix.undoSql, lock: lockTexts.accessExclusiveRewrite }),
    ...(caution === '' ? {} : { caution }),
  };
}
