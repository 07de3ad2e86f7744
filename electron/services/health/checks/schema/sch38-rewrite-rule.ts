import { isUserSchema } from '../../catalog-sql.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly relation_oid: string;
  readonly relation_name: string;
  readonly is_view: boolean;
  readonly rule_name: string;
  readonly event: string;
  readonly is_instead: boolean;
  readonly state: 'O' | 'D' | 'R' | 'A';
  readonly definition: string;
}

export const rewriteRule: HealthCheck<Row> = {
  id: 'SCH38',
  group: 'schema',
  basis: 'catalog',
  title: 'Rewrite rules',
  why: 'A rule rewrites the query before it runs: expressions such as nextval() or random() are copied and run twice, row counts are wrong, and COPY passes it by. A trigger does what it looks like it does.',
  // Run on PostgreSQL 13 to 18. The rule that makes a view is PostgreSQL's own. Disabled triggers are TAB18.
  // https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_rules
  sql: () => `
select
  relation.oid::int8 as relation_oid,
  format('%I.%I', schema.nspname, relation.relname) as relation_name,
  relation.relkind = 'v' as is_view,
  quote_ident(rule.rulename) as rule_name,
  case rule.ev_type when '2' then 'UPDATE' when '3' then 'INSERT' when '4' then 'DELETE' else 'SELECT' end as event,
  rule.is_instead,
  rule.ev_enabled::text as state,
  pg_catalog.pg_get_ruledef(rule.oid) as definition
from pg_catalog.pg_rewrite as rule
join pg_catalog.pg_class as relation on relation.oid = rule.ev_class
join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
where rule.ev_type <> '1'
  and ${isUserSchema('schema')}
  and not exists (
    select
    from pg_catalog.pg_depend as membership
    where membership.deptype = 'e'
      and (
        membership.classid = 'pg_catalog.pg_rewrite'::regclass and membership.objid = rule.oid
        or membership.classid = 'pg_catalog.pg_class'::regclass and membership.objid = relation.oid
      )
  )
order by relation_name, rule_name`,
  findings(rows) {
    return rows.map((row) => {
      const isOff = row.state === 'D';
      return {
        object: row.relation_name,
        relationOid: Number(row.relation_oid),
        severity: 'info' as const,
        message: isOff
          ? `Rule ${row.rule_name} on ${row.event} of ${row.is_view ? 'view' : 'table'} ${row.relation_name} is disabled and does nothing.`
          : `${row.is_view ? 'View' : 'Table'} ${row.relation_name} rewrites ${row.event} by rule ${row.rule_name}${row.is_instead ? ', instead of doing it' : ''}.`,
        evidence: [{ label: 'Definition', value: row.definition }],
        ...(isOff
          ? {
              fixSql: `drop rule ${row.rule_name} on ${row.relation_name};`,
              undoSql: `${row.definition}\nalter table ${row.relation_name} disable rule ${row.rule_name};`,
              lock: lockTexts.accessExclusiveShort,
              caution: 'See first whether it was meant to be enabled again.',
            }
          : { caution: 'An INSTEAD OF trigger on a view, or a row trigger on a table, can take its place.' }),
      };
    });
  },
};
