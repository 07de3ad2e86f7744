import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { grantedByOthers } from './grants.ts';
import { definerFunctionsSql, type DefinerFunctionRow } from './definer-functions.ts';

export const definerForEverybody: HealthCheck<DefinerFunctionRow> = {
  id: 'SEC14',
  group: 'security',
  basis: 'catalog',
  title: 'Superuser functions that everybody may call',
  why: 'A new function may be called by everybody unless that is revoked. One that runs as a superuser hands out whatever its body can be made to do.',
  sql: definerFunctionsSql,
  findings(rows) {
    return (
      rows
        // A trigger function cannot be called, and an event trigger function neither.
        .filter((row) => row.is_public && row.owner_is_superuser && !['trigger', 'event_trigger'].includes(row.returns))
        .map((row) => ({
          object: row.signature,
          severity: row.is_reachable ? ('warning' as const) : ('info' as const),
          message: `Every role${row.is_reachable ? '' : ` that may use schema ${row.schema_name}`} may call ${row.signature}, which runs as the superuser ${row.owner}.`,
          evidence: [
            { label: 'Language', value: row.language },
            { label: 'Has a search path of its own', value: row.has_search_path ? 'yes' : 'no' },
          ],
          ...(row.other_grantors === null
            ? {
                fixSql: `revoke execute on ${row.kind} ${row.signature} from public;`,
                undoSql: `grant execute on ${row.kind} ${row.signature} to public;`,
                lock: lockTexts.none,
                caution: 'Grant it by name to the roles that need it.',
              }
            : grantedByOthers(row.other_grantors)),
        }))
    );
  },
};
