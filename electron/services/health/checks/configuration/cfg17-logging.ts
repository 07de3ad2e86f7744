import type { HealthCheck } from '../../health-check.ts';
import {
  alterSystem,
  scopeRows,
  serverRows,
  settingEvidence,
  settingNamed,
  aboutSettings,
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
  ...aboutSettings(...Object.keys(rules), 'log_min_duration_sample', 'log_statement_sample_rate'),
  findings(rows) {
    const asked = rows.filter(({ name }) => rules[name] !== undefined);
    const server = serverRows(rows);
    const findings = server.flatMap((row) => {
      const rule = rules[row.name];
      if (rule === undefined || !rule.isOff(row.setting)) return [];
      // The database that is asked has a value of its own.
      if (scopeRows(row).some(({ scope, setting }) => scope?.role === null && !rule.isOff(setting))) return [];
      if (row.name === 'log_min_duration_statement' && logsSamples(server)) return [];
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
    return withHiddenValues(findings, asked);
  },
};

/** Slow statements are logged, all or some of them. */
function logsSamples(rows: readonly SettingRow[]): boolean {
  const duration = settingNamed(rows, 'log_min_duration_sample');
  const rate = settingNamed(rows, 'log_statement_sample_rate');
  return duration !== undefined && !isMinusOne(duration.setting) && Number(rate?.setting ?? 0) > 0;
}
