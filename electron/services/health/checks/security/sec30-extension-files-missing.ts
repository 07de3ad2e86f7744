import type { HealthFinding } from '#contract/health-model.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { grantRole } from '../../unlock-sql.ts';

interface Row {
  readonly extension_name: string;
  readonly bare_name: string;
  readonly version: string;
  readonly has_control_file: boolean;
  /** Null where the setting is hidden. */
  readonly preloaded: string | null;
}

/** Extensions that do nothing, or fail, unless their library is loaded at the start of the server. */
const preloadNeeded: Readonly<Record<string, string>> = {
  citus: 'citus',
  pg_cron: 'pg_cron',
  pg_qualstats: 'pg_qualstats',
  pg_stat_kcache: 'pg_stat_kcache',
  pg_stat_monitor: 'pg_stat_monitor',
  pg_stat_statements: 'pg_stat_statements',
  pg_wait_sampling: 'pg_wait_sampling',
  pgaudit: 'pgaudit',
  timescaledb: 'timescaledb',
};

export const extensionFilesMissing: HealthCheck<Row> = {
  id: 'SEC30',
  group: 'security',
  basis: 'catalog',
  title: 'Extensions whose files or preloaded library are missing',
  why: 'An extension whose files are gone cannot be updated, dumped and restored, or upgraded with the server. One whose library is not preloaded is installed and records or guards nothing.',
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  quote_ident(extension.extname) as extension_name,
  extension.extname::text as bare_name,
  extension.extversion as version,
  available.name is not null as has_control_file,
  (
    select setting.setting
    from pg_catalog.pg_settings as setting
    where setting.name = 'shared_preload_libraries'
  ) as preloaded
from pg_catalog.pg_extension as extension
left join pg_catalog.pg_available_extensions as available on available.name = extension.extname
order by extension_name`,
  findings(rows, { facts }) {
    const missing = rows
      .filter((row) => !row.has_control_file)
      .map((row): HealthFinding => ({
        object: `extension ${row.extension_name}`,
        severity: 'warning',
        message: `Extension ${row.extension_name} ${row.version} is installed in ${facts.database}, but its files are not on the server.`,
        evidence: [{ label: 'Version', value: row.version }],
        caution: 'Install the package of the extension for this version of PostgreSQL, on the standbys as well.',
      }));
    const needing = rows.filter((row) => preloadNeeded[row.bare_name] !== undefined);
    const preloaded = rows[0]?.preloaded ?? null;
    if (preloaded === null && needing.length > 0) {
      return cannotTell(
        `shared_preload_libraries is hidden from ${facts.user}, and ${needing.map((row) => row.extension_name).join(', ')} must be in it.`,
        { unlockSql: grantRole('pg_read_all_settings', facts), findings: missing },
      );
    }
    const libraries = new Set(librariesOf(preloaded ?? ''));
    return [
      ...missing,
      ...needing
        .filter((row) => !libraries.has(preloadNeeded[row.bare_name] ?? ''))
        .map((row): HealthFinding => ({
          object: `extension ${row.extension_name}`,
          severity: 'warning',
          message: `Extension ${row.extension_name} is installed, but its library is not in shared_preload_libraries: it does nothing.`,
          evidence: [{ label: 'shared_preload_libraries', value: preloaded === '' ? '(empty)' : (preloaded ?? '') }],
          caution: 'Adding the library takes a restart, and a name that does not exist keeps the server from starting.',
        })),
    ];
  },
};

/** The names in the setting, without paths and quotes. */
export function librariesOf(setting: string): string[] {
  return setting
    .split(',')
    .map((library) => library.trim().replaceAll('"', '').split('/').at(-1) ?? '')
    .map((library) => library.replace(/\.(?:so|dll|dylib)$/, ''));
}
