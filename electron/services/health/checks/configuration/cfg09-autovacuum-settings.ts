import type { Severity } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import { alterSystem, settingEvidence, settingsSql, type SettingRow } from '../../setting-row.ts';

interface Rule {
  readonly isBad: (value: number) => boolean;
  readonly severity: Severity;
  readonly consequence: string;
  readonly better: string;
}

const rules: Readonly<Record<string, readonly Rule[]>> = {
  autovacuum_max_workers: [
    {
      isBad: (value) => value <= 1,
      severity: 'warning',
      consequence: 'one large table keeps all others waiting',
      better: '3',
    },
    {
      isBad: (value) => value > 10,
      severity: 'info',
      consequence: 'the workers share one cost limit and each gets slower',
      better: '5',
    },
  ],
  autovacuum_vacuum_scale_factor: [
    {
      isBad: (value) => value > 0.2,
      severity: 'warning',
      consequence: 'vacuum waits until more than a fifth of a table is dead',
      better: '0.1',
    },
  ],
  autovacuum_analyze_scale_factor: [
    {
      isBad: (value) => value > 0.1,
      severity: 'warning',
      consequence: 'statistics grow old before they are renewed',
      better: '0.05',
    },
  ],
  // In milliseconds; 20 was the default before PostgreSQL 12 and lives on in copied files.
  autovacuum_vacuum_cost_delay: [
    {
      isBad: (value) => value >= 20,
      severity: 'warning',
      consequence: 'vacuum sleeps ten times longer than the current default',
      better: '2ms',
    },
  ],
  // In seconds.
  autovacuum_naptime: [
    {
      isBad: (value) => value > 300,
      severity: 'warning',
      consequence: 'tables wait that long before autovacuum looks at them',
      better: '1min',
    },
  ],
};

export const autovacuumSettings: HealthCheck<SettingRow> = {
  id: 'CFG09',
  group: 'configuration',
  basis: 'catalog',
  title: 'Autovacuum settings that slow it down',
  why: 'Autovacuum that is gentle to the disk falls behind the writes, and then costs more than it saved.',
  sql: () => settingsSql(Object.keys(rules)),
  findings(rows) {
    return rows.flatMap((row) =>
      (rules[row.name] ?? [])
        .filter((rule) => rule.isBad(Number(row.setting)))
        .map((rule) => ({
          object: row.name,
          severity: rule.severity,
          message: `${row.name} is ${row.shown}: ${rule.consequence}.`,
          evidence: [settingEvidence(row), { label: 'Default', value: row.boot_val ?? '' }],
          ...alterSystem(row, rule.better),
          confidence: 'high' as const,
        })),
    );
  },
};
