import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly extension_name: string;
  readonly version: string;
  readonly is_relocatable: boolean;
}

export const extensionInPublic: HealthCheck<Row> = {
  id: 'SEC29',
  group: 'security',
  basis: 'catalog',
  title: 'Extensions in the public schema',
  why: 'The functions of an extension mix with your own in public, are in everybody’s search path, and show up as an API where the schema is exposed. A schema of their own keeps them apart.',
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  quote_ident(extension.extname) as extension_name,
  extension.extversion as version,
  extension.extrelocatable as is_relocatable
from pg_catalog.pg_extension as extension
join pg_catalog.pg_namespace as schema on schema.oid = extension.extnamespace
where schema.nspname = 'public'
order by extension_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: `extension ${row.extension_name}`,
      severity: 'info' as const,
      message: `Extension ${row.extension_name} is installed in schema public.`,
      evidence: [
        { label: 'Version', value: row.version },
        { label: 'Can be moved', value: row.is_relocatable ? 'yes' : 'no' },
      ],
      ...(row.is_relocatable
        ? {
            fixSql: `create schema if not exists extensions;\nalter extension ${row.extension_name} set schema extensions;`,
            undoSql: `alter extension ${row.extension_name} set schema public;`,
            lock: lockTexts.none,
          }
        : {}),
      caution: 'Whoever calls its functions needs the new schema in the search path, and USAGE on it.',
    }));
  },
};
