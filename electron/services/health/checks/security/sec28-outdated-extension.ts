import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly extension_name: string;
  readonly installed_version: string;
  readonly default_version: string;
}

export const outdatedExtension: HealthCheck<Row> = {
  id: 'SEC28',
  group: 'security',
  basis: 'catalog',
  title: 'Outdated extensions',
  why: 'After an upgrade of the server the files of an extension are new, but its objects in the database are not until they are updated. Fixes, some for security, wait there.',
  // Run on PostgreSQL 13 to 18. Only where the server knows a way from one version to the other.
  sql: () => `
select
  quote_ident(extension.extname) as extension_name,
  extension.extversion as installed_version,
  available.default_version
from pg_catalog.pg_extension as extension
join pg_catalog.pg_available_extensions as available on available.name = extension.extname
where available.default_version <> extension.extversion
  and exists (
    select
    from pg_catalog.pg_extension_update_paths(extension.extname) as update_path
    where update_path.source = extension.extversion
      and update_path.target = available.default_version
      and update_path.path is not null
  )
order by extension_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: `extension ${row.extension_name}`,
      severity: 'info' as const,
      message: `Extension ${row.extension_name} is at ${row.installed_version}; the server has ${row.default_version}.`,
      evidence: [
        { label: 'Installed', value: row.installed_version },
        { label: 'Available', value: row.default_version },
      ],
      fixSql: `alter extension ${row.extension_name} update;`,
      lock: lockTexts.accessExclusiveShort,
      caution: 'Cannot be taken back. Read the notes of the extension first.',
    }));
  },
};
