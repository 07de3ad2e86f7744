import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly relation_oid: string | null;
  readonly kind: 'table' | 'domain';
  readonly object_name: string;
  readonly constraint_name: string;
  readonly definition: string;
}

export const constraintNotValid: HealthCheck<Row> = {
  id: 'SCH35',
  group: 'schema',
  basis: 'catalog',
  title: 'Constraints that were never validated',
  why: 'A NOT VALID constraint holds for new rows only. Old rows may break it, and the planner does not rely on it.',
  // Run on PostgreSQL 13 to 18. Since 18 a constraint that is NOT ENFORCED is never valid on purpose, and NOT NULL can be
  // not valid as well. What a partition or child inherits is its parent's matter.
  sql: ({ versionNum }) => `
select
  table_class.oid::int8 as relation_oid,
  case when own_constraint.contypid <> 0 then 'domain' else 'table' end as kind,
  case
    when own_constraint.contypid <> 0 then format('%I.%I', type_schema.nspname, type.typname)
    else format('%I.%I', schema.nspname, table_class.relname)
  end as object_name,
  quote_ident(own_constraint.conname) as constraint_name,
  pg_catalog.pg_get_constraintdef(own_constraint.oid) as definition
from pg_catalog.pg_constraint as own_constraint
left join pg_catalog.pg_class as table_class on table_class.oid = own_constraint.conrelid
left join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
left join pg_catalog.pg_type as type on type.oid = own_constraint.contypid
left join pg_catalog.pg_namespace as type_schema on type_schema.oid = type.typnamespace
where not own_constraint.convalidated
  and own_constraint.contype in ('c', 'f'${versionNum >= 180_000 ? ", 'n'" : ''})
  ${versionNum >= 180_000 ? 'and own_constraint.conenforced' : ''}
  and own_constraint.conparentid = 0
  and own_constraint.conislocal
  and (
    ${isUserSchema('schema')}
    or ${isUserSchema('type_schema')}
  )
  and ${isNotOfExtension('table_class.oid')}
order by object_name, constraint_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.object_name,
      ...(row.relation_oid === null ? {} : { relationOid: Number(row.relation_oid) }),
      severity: 'warning' as const,
      message: `Constraint ${row.constraint_name} of ${row.object_name} was not validated: old rows may break it.`,
      evidence: [{ label: 'Definition', value: row.definition }],
      fixSql: `alter ${row.kind} ${row.object_name} validate constraint ${row.constraint_name};`,
      lock: row.kind === 'table' ? lockTexts.shareUpdateExclusive : lockTexts.share,
      caution: 'Fails at the first row that breaks it; find such rows first.',
    }));
  },
};
