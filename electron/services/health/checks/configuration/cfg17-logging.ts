import type { HealthCheck } from '../../health-check.ts';
import {
  alterSystem,
  serverRows,
  settingEvidence,
  settingsSql,
  type SettingRow,
  withHiddenValues,
} from '../../setting-row.ts';

interface Rule {
  readonly isOff: (setting: string) => boolean;
  readonly loss: string;
  readonly value: string;
}

const isMinusOne = (setting: string): boolean => setting === '-1';

const rules: Readonly<Record<string, Rule>> = {
  log_lock_waits: { isOff: (setting) => setting === 'off', loss: 'waits for locks leave no trace', value: 'on' },
  log_checkpoints: { isOff: (setting) => setting === 'off', loss: 'checkpoints leave no trace', value: 'on' },
  log_temp_files: { isOff: isMinusOne, loss: 'queries that spill to disk are not named', value: '10MB' },
  log_min_duration_statement: { isOff: isMinusOne, loss: 'slow statements are not logged', value: '1s' },
  log_autovacuum_min_duration: { isOff: isMinusOne, loss: 'the work of autovacuum leaves no trace', value: '10min' },
};

export const logging: HealthCheck<SettingRow> = {
  id: 'CFG17',
  group: 'configuration',
  basis: 'catalog',
  title: 'Events that are not logged',
  why: 'When something went wrong last night, the log is all there is. These lines are few and say what happened.',
  sql: (facts) => settingsSql(Object.keys(rules), facts),
  findings(rows) {
    const findings = serverRows(rows).flatMap((row) => {
      const rule = rules[row.name];
      if (rule === undefined || !rule.isOff(row.setting)) return [];
      return [
        {
          object: row.name,
          severity: 'info' as const,
          message: `${row.name} is off: ${rule.loss}.`,
          evidence: [settingEvidence(row)],
          ...alterSystem(row, rule.value),
          confidence: 'high' as const,
        },
      ];
    });
    return withHiddenValues(findings, rows);
  },
};
