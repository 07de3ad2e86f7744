import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { definerFunctionsSql, type DefinerFunctionRow } from './definer-functions.ts';

export const definerSearchPath: HealthCheck<DefinerFunctionRow> = {
  id: 'SEC13',
  group: 'security',
  basis: 'catalog',
  title: 'SECURITY DEFINER functions without a search path',
  why: 'Such a function runs with its owner’s rights, but finds names by the caller’s search path. A caller who puts an operator or table in front makes the owner’s rights run it.',
  sql: definerFunctionsSql,
  // A path of one's own is what matters, whatever is in it: who may create in its schemas is SEC03.
  // https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
  findings(rows) {
    return rows
      .filter((row) => !row.has_search_path && !['c', 'internal'].includes(row.language))
      .map((row) => ({
        object: row.signature,
        severity: row.is_for_others ? ('warning' as const) : ('info' as const),
        message: `${row.kind === 'procedure' ? 'Procedure' : 'Function'} ${row.signature} runs as ${row.owner} with the caller's search path${row.is_for_others ? '' : '; only its owner may call it now'}.`,
        evidence: [
          { label: 'Owner', value: `${row.owner}${row.owner_is_superuser ? ' (superuser)' : ''}` },
          { label: 'Language', value: row.language },
          { label: 'May be called by everybody', value: row.is_public ? 'yes' : 'no' },
        ],
        ...(row.other_schemas.length === 0
          ? {
              fixSql: setPath(row, [row.schema_name]),
              undoSql: `alter ${row.kind} ${row.signature} reset search_path;`,
              lock: lockTexts.none,
              caution: 'Add the other schemas that the body uses without naming them.',
            }
          : {
              caution: `Its body has names that there are in ${row.other_schemas.join(', ')}. Name the schema in the body; or, where nobody else may create there, ${setPath(row, [row.schema_name, ...row.other_schemas])}`,
            }),
      }));
  },
};

/** With pg_temp last, or everybody's temporary tables come first. */
function setPath(row: DefinerFunctionRow, schemas: readonly string[]): string {
  return `alter ${row.kind} ${row.signature} set search_path = pg_catalog, ${schemas.join(', ')}, pg_temp;`;
}
