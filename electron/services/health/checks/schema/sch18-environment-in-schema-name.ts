import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { isUserSchema } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly schema_name: string;
  readonly owner: string;
  readonly relations: string;
}

const environments = new Set(
  'acc acceptance dev development int integration local preprod prod production qa test testing uat'.split(' '),
);
/** Warehouses call their first layer so; as a suffix it is an environment all the same. */
const stages = new Set(['staging', 'stage', 'stg']);
/** At the beginning of a name these mean something else as often: `production_planning`, `int_orders`. */
const suffixOnly = new Set('acc acceptance development int integration local production testing'.split(' '));

export const environmentInSchemaName: HealthCheck<Row> = {
  id: 'SCH18',
  group: 'schema',
  basis: 'catalog',
  title: 'Schemas named after an environment',
  why: 'With dev or prod in its name a schema cannot be the same everywhere: scripts, search paths and dumps have to be rewritten on the way from one environment to the next. A database or server for each keeps the names equal.',
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  schema.nspname::text as schema_name,
  quote_ident(pg_catalog.pg_get_userbyid(schema.nspowner)) as owner,
  (
    select count(*)
    from pg_catalog.pg_class as relation
    where relation.relnamespace = schema.oid
      and relation.relkind in ('r', 'p', 'v', 'm', 'f')
  ) as relations
from pg_catalog.pg_namespace as schema
where ${isUserSchema('schema')}
  and schema.nspname ~* '(dev|prod|test|qa|uat|acc|int|local|stag|stg)'
order by schema_name`,
  findings(rows) {
    return rows.flatMap((row) => {
      const word = environmentOf(row.schema_name);
      if (word === undefined || Number(row.relations) === 0) return [];
      return [
        {
          object: `schema ${quoteIdentifier(row.schema_name)}`,
          severity: 'info' as const,
          message: `Schema ${quoteIdentifier(row.schema_name)} has an environment in its name: ${word}.`,
          evidence: [
            { label: 'Tables and views', value: formatCount(row.relations) },
            { label: 'Owner', value: row.owner },
          ],
          caution: 'Renaming breaks whatever names the schema, search paths included.',
          confidence: 'medium' as const,
          confidenceReason: 'Judged by the name alone.',
        },
      ];
    });
  },
};

/** The environment at the beginning or end of a name of several words: `app_prod`, `dev-billing`. */
export function environmentOf(schema: string): string | undefined {
  const words = schema.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const first = words[0] ?? '';
  const last = words.at(-1) ?? '';
  if (words.length > 1) {
    if (environments.has(last) || stages.has(last)) return last;
    if (environments.has(first) && !suffixOnly.has(first)) return first;
  }
  return undefined;
}
