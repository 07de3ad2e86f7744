import type { HealthFinding } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly trigger_name: string;
  readonly event: string;
  readonly function_signature: string;
  readonly function_owner: string;
  readonly owner_is_superuser: boolean;
  readonly is_definer: boolean;
  readonly trigger_owner: string;
  readonly trigger_owner_is_superuser: boolean;
  readonly is_of_extension: boolean;
}

export const eventTriggers: HealthCheck<Row> = {
  id: 'SEC37',
  group: 'security',
  basis: 'catalog',
  title: 'Event triggers that run what others may change',
  why: 'An event trigger runs its function as whoever gives the command, superusers included. Whoever owns the function can replace its body and so act as them. A trigger at login can lock everybody out.',
  // Run on PostgreSQL 13 to 18; login events exist since 17. A SECURITY DEFINER function runs as its own owner.
  sql: () => `
select
  quote_ident(event_trigger.evtname) as trigger_name,
  event_trigger.evtevent::text as event,
  format('%I.%I()', schema.nspname, routine.proname) as function_signature,
  quote_ident(owner.rolname) as function_owner,
  owner.rolsuper as owner_is_superuser,
  routine.prosecdef as is_definer,
  quote_ident(trigger_owner.rolname) as trigger_owner,
  trigger_owner.rolsuper as trigger_owner_is_superuser,
  exists (
    select
    from pg_catalog.pg_depend as membership
    where membership.classid = 'pg_catalog.pg_event_trigger'::regclass
      and membership.objid = event_trigger.oid
      and membership.deptype = 'e'
  ) as is_of_extension
from pg_catalog.pg_event_trigger as event_trigger
join pg_catalog.pg_proc as routine on routine.oid = event_trigger.evtfoid
join pg_catalog.pg_namespace as schema on schema.oid = routine.pronamespace
join pg_catalog.pg_roles as owner on owner.oid = routine.proowner
join pg_catalog.pg_roles as trigger_owner on trigger_owner.oid = event_trigger.evtowner
where event_trigger.evtenabled <> 'D'
order by trigger_name`,
  findings(rows) {
    return rows.flatMap((row): HealthFinding[] => {
      if (row.is_of_extension) return [];
      const evidence = [
        { label: 'Event', value: row.event },
        { label: 'Function', value: row.function_signature },
        { label: 'Owner of the function', value: row.function_owner },
      ];
      const findings: HealthFinding[] = [];
      if (!row.owner_is_superuser && !row.is_definer) {
        findings.push({
          object: `event trigger ${row.trigger_name}`,
          severity: 'warning',
          message: `Event trigger ${row.trigger_name} runs ${row.function_signature} as whoever causes ${row.event}, and ${row.function_owner}, no superuser, can replace that function.`,
          evidence,
          ...(!row.trigger_owner_is_superuser
            ? {}
            : {
                fixSql: `alter function ${row.function_signature} owner to ${row.trigger_owner};`,
                undoSql: `alter function ${row.function_signature} owner to ${row.function_owner};`,
                lock: lockTexts.none,
              }),
          caution: row.trigger_owner_is_superuser
            ? 'Read what the function does now before it gets another owner.'
            : 'Read what the function does now, and give it and the trigger to a superuser.',
        });
      }
      if (row.event === 'login') {
        findings.push({
          object: `event trigger ${row.trigger_name}`,
          severity: 'info',
          message: `Event trigger ${row.trigger_name} runs ${row.function_signature} at every login; an error in it lets nobody in.`,
          evidence,
          caution: 'event_triggers = off, set at the start of a session, is the way in when it fails.',
        });
      }
      return findings;
    });
  },
};
