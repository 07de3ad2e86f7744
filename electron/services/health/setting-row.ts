import type { HealthFinding } from '#contract/health-model.ts';
import { quoteLiteral } from '../../postgres/quote-identifier.ts';
import { lockTexts } from './lock-texts.ts';

/** One row of `settingsSql`. */
export interface SettingRow {
  readonly name: string;
  /** In the setting's own unit, as `pg_settings` has it. */
  readonly setting: string;
  readonly unit: string | null;
  /** With its unit, as `show` prints it. */
  readonly shown: string;
  readonly source: string;
  readonly boot_val: string | null;
  readonly context: string;
}

/** Reads settings as this session sees them. Run on PostgreSQL 13 to 18. */
export function settingsSql(names: readonly string[]): string {
  return `
select
  setting.name,
  setting.setting,
  setting.unit,
  pg_catalog.current_setting(setting.name) as shown,
  setting.source,
  setting.boot_val,
  setting.context
from pg_catalog.pg_settings as setting
where setting.name in (${names.map((name) => `'${name}'`).join(', ')})
order by setting.name`;
}

/** Looks a setting up; undefined where this server does not have it or hides it. */
export function settingNamed(rows: readonly SettingRow[], name: string): SettingRow | undefined {
  return rows.find((row) => row.name === name);
}

/** Bytes of a setting that is counted in 8kB, kB or MB. */
export function settingBytes(row: SettingRow): number {
  const factors: Record<string, number> = { B: 1, kB: 1024, '8kB': 8192, MB: 1024 ** 2, GB: 1024 ** 3 };
  return Number(row.setting) * (factors[row.unit ?? 'B'] ?? 1);
}

/** True when only this session has the value: Steward's own guards, not what the server gives to others. */
export function isOfThisSession(row: SettingRow): boolean {
  return row.source === 'client' || row.source === 'session';
}

/**
 * The SQL that changes a setting for the whole server, and the SQL that takes it back. What stands on the server's
 * command line outweighs every file, so no SQL can change it.
 */
export function alterSystem(
  row: SettingRow,
  value: string,
): Pick<HealthFinding, 'fixSql' | 'undoSql' | 'lock' | 'caution'> {
  if (row.source === 'command line' || row.source === 'environment variable') {
    return {
      caution: `It is set by the ${row.source} of the server, which no SQL changes: change it where that starts.`,
    };
  }
  const apply = row.context === 'postmaster' ? '' : '\nselect pg_catalog.pg_reload_conf();';
  // A value that stood in no file comes back when ours is gone.
  const before =
    row.source === 'default' || row.source === 'override'
      ? `alter system reset ${row.name};`
      : `alter system set ${row.name} = ${quoteLiteral(row.shown)};`;
  return {
    fixSql: `alter system set ${row.name} = ${quoteLiteral(value)};${apply}`,
    undoSql: `${before}${apply}`,
    lock: lockTexts.none,
    ...(row.context === 'postmaster' ? { caution: 'Takes effect after a restart of the server.' } : {}),
  };
}

/** The evidence line of a setting. */
export function settingEvidence(row: SettingRow): { label: string; value: string } {
  return { label: row.name, value: `${row.shown} (${row.source})` };
}
