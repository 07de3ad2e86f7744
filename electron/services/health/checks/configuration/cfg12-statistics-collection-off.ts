import type { HealthCheck } from '../../health-check.ts';
import { alterSystem, judgeSettings, settingEvidence, aboutSettings, type SettingRow } from '../../setting-row.ts';

const losses: Readonly<Record<string, string>> = {
  track_counts: 'autovacuum does not work, and most of this report has nothing to count',
  track_activities: 'nobody can see what sessions are doing',
};

/** What is lost where only some sessions have it off. */
const lossesOfSome: Readonly<Record<string, string>> = {
  track_counts: 'what these sessions change and read is not counted, and autovacuum does not see it',
  track_activities: 'nobody can see what these sessions are doing',
};

export const statisticsCollectionOff: HealthCheck<SettingRow> = {
  id: 'CFG12',
  group: 'configuration',
  basis: 'catalog',
  title: 'Activity statistics switched off',
  why: 'Statistics cost next to nothing, and without them neither autovacuum nor a person can tell what the server does.',
  ...aboutSettings(...Object.keys(losses)),
  findings(rows) {
    return judgeSettings(rows, (row) =>
      row.setting === 'off'
        ? [
            {
              object: row.name,
              severity: 'warning',
              message: `${row.name} is off: ${(row.scope === undefined ? losses : lossesOfSome)[row.name] ?? ''}.`,
              evidence: [settingEvidence(row)],
              ...alterSystem(row, 'on'),
              confidence: 'high',
            },
          ]
        : [],
    );
  },
};
