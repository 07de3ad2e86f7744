import type { HealthCheck } from '../../health-check.ts';
import { alterSystem, isOfThisSession, settingEvidence, settingsSql, type SettingRow } from '../../setting-row.ts';

const losses: Readonly<Record<string, string>> = {
  track_counts: 'autovacuum does not work, and most of this report has nothing to count',
  track_activities: 'nobody can see what sessions are doing',
};

export const statisticsCollectionOff: HealthCheck<SettingRow> = {
  id: 'CFG12',
  group: 'configuration',
  basis: 'catalog',
  title: 'Activity statistics switched off',
  why: 'Statistics cost next to nothing, and without them neither autovacuum nor a person can tell what the server does.',
  sql: () => settingsSql(Object.keys(losses)),
  findings(rows) {
    return rows
      .filter((row) => row.setting === 'off' && !isOfThisSession(row))
      .map((row) => ({
        object: row.name,
        severity: 'warning' as const,
        message: `${row.name} is off: ${losses[row.name] ?? ''}.`,
        evidence: [settingEvidence(row)],
        ...alterSystem(row, 'on'),
        confidence: 'high' as const,
      }));
  },
};
