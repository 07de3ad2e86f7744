import type { HealthFinding } from '#contract/health-model.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { nameList } from './fold-by-schema.ts';

interface Row {
  readonly schema_name: string;
  readonly schema_owner: string;
  /** The owner of a schema that stands for whoever owns the database, or is a superuser, owns for everybody. */
  readonly is_common_owner: boolean;
  readonly owner: string;
  readonly tables: readonly string[];
}

/** More tables than this are counted, and not handed over by one script. */
const maxFixed = 20;

export const mixedOwners: HealthCheck<Row> = {
  id: 'SCH39',
  group: 'schema',
  basis: 'catalog',
  title: 'Tables of one schema with different owners',
  why: 'Only its owner can alter or drop a table. Where one schema mixes owners, migrations fail in the middle, and default privileges hold for some tables and not for others.',
  // Run on PostgreSQL 13 to 18. Indexes and owned sequences follow their table, partitions are counted as tables.
  sql: () => `
select
  schema.nspname::text as schema_name,
  quote_ident(schema_owner.rolname) as schema_owner,
  schema_owner.rolsuper or schema_owner.rolname = 'pg_database_owner' as is_common_owner,
  quote_ident(owner.rolname) as owner,
  array_agg(format('%I.%I', schema.nspname, relation.relname) order by relation.relname) as tables
from pg_catalog.pg_class as relation
join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
join pg_catalog.pg_roles as owner on owner.oid = relation.relowner
join pg_catalog.pg_roles as schema_owner on schema_owner.oid = schema.nspowner
where relation.relkind in ('r', 'p')
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('relation.oid')}
group by schema.nspname, schema_owner.rolname, schema_owner.rolsuper, owner.rolname
order by schema.nspname, count(*) desc, owner.rolname`,
  findings(rows) {
    return [...Map.groupBy(rows, (row) => row.schema_name).values()].flatMap(findingsOf);
  },
};

function findingsOf(owners: readonly Row[]): HealthFinding[] {
  const [main, ...others] = owners;
  if (main === undefined) return [];
  const schema = quoteIdentifier(main.schema_name);
  const all = owners.reduce((sum, row) => sum + row.tables.length, 0);
  // The owner of the schema is the right owner where it owns tables there; else whoever owns most.
  const right = owners.find((row) => row.owner === row.schema_owner && !row.is_common_owner) ?? main;
  const wrong = [main, ...others].filter((row) => row !== right);
  if (wrong.length === 0) {
    return main.is_common_owner || main.owner === main.schema_owner
      ? []
      : [
          {
            object: `schema ${schema}`,
            severity: 'info',
            message: `Schema ${schema} belongs to ${main.schema_owner}, and its ${plural(all, 'table')} to ${main.owner}.`,
            evidence: [{ label: 'Tables', value: nameList(main.tables) }],
            confidence: 'medium',
            confidenceReason: 'Keeping the two apart can be meant.',
          },
        ];
  }
  return wrong.map((row) => ({
    object: `schema ${schema}: ${row.owner}`,
    severity: 'info',
    message: `${formatCount(row.tables.length)} of ${plural(all, 'table')} in schema ${schema} ${row.tables.length === 1 ? 'belongs' : 'belong'} to ${row.owner}, others to ${right.owner}.`,
    measure: row.tables.length,
    evidence: [
      { label: `Tables of ${row.owner}`, value: nameList(row.tables) },
      { label: 'Owner of the schema', value: row.schema_owner },
    ],
    ...(row.tables.length <= maxFixed
      ? {
          fixSql: row.tables.map((table) => `alter table ${table} owner to ${right.owner};`).join('\n'),
          undoSql: row.tables.map((table) => `alter table ${table} owner to ${row.owner};`).join('\n'),
          lock: lockTexts.accessExclusiveShort,
        }
      : {}),
    caution: `${row.owner} loses the rights that an owner has; grant it by name what it needs first.`,
    confidence: 'medium',
    confidenceReason: 'Separate owners can be meant.',
  }));
}
