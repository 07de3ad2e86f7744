import type { HealthCheck } from '../../health-check.ts';
import { isOfThisSession, settingEvidence, type SettingRow } from '../../setting-row.ts';

export const plannerMethodsOff: HealthCheck<SettingRow> = {
  id: 'CFG11',
  group: 'configuration',
  basis: 'catalog',
  title: 'Planner methods switched off',
  why: 'The enable_ switches are for experiments in one session. Left off for everybody they make the planner avoid a method that some query needs.',
  // Run on PostgreSQL 13 to 18. A few of them are off by default.
  sql: () => `
select
  setting.name,
  setting.setting,
  setting.unit,
  setting.setting as shown,
  setting.source,
  setting.boot_val,
  setting.context
from pg_catalog.pg_settings as setting
where setting.name like 'enable\\_%'
  and setting.vartype = 'bool'
  and setting.setting = 'off'
  and setting.boot_val = 'on'
order by setting.name`,
  findings(rows) {
    return rows
      .filter((row) => !isOfThisSession(row))
      .map((row) => ({
        object: row.name,
        severity: 'info' as const,
        message: `${row.name} is off (${row.source}).`,
        evidence: [settingEvidence(row)],
        ...(row.source === 'configuration file'
          ? {
              fixSql: `alter system set ${row.name} = 'on';\nselect pg_catalog.pg_reload_conf();`,
              undoSql: `alter system set ${row.name} = 'off';\nselect pg_catalog.pg_reload_conf();`,
              lock: 'No table lock',
              caution: 'Plans may change; find out first for which query it was switched off.',
            }
          : { caution: `It is set by ${row.source}: see pg_db_role_setting.` }),
        confidence: 'high' as const,
      }));
  },
};
