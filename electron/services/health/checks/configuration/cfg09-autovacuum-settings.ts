import type { Severity } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import { alterSystem, settingEvidence, settingsSql, type SettingRow } from '../../setting-row.ts';

type LimitName =
  | 'minWorkers'
  | 'maxWorkers'
  | 'vacuumScaleFactor'
  | 'analyzeScaleFactor'
  | 'costDelayMs'
  | 'naptimeSeconds';

interface Rule {
  readonly setting: string;
  readonly isBad: (value: number, limits: Readonly<Record<LimitName, number>>) => boolean;
  readonly severity: Severity;
  readonly consequence: string;
  readonly better: string;
}

const rules: readonly Rule[] = [
  {
    setting: 'autovacuum_max_workers',
    isBad: (value, { minWorkers }) => value < minWorkers,
    severity: 'warning',
    consequence: 'one large table keeps all others waiting',
    better: '3',
  },
  {
    setting: 'autovacuum_max_workers',
    isBad: (value, { maxWorkers }) => value > maxWorkers,
    severity: 'info',
    consequence: 'the workers share one cost limit and each gets slower',
    better: '5',
  },
  {
    setting: 'autovacuum_vacuum_scale_factor',
    isBad: (value, { vacuumScaleFactor }) => value > vacuumScaleFactor,
    severity: 'warning',
    consequence: 'vacuum waits until more than a fifth of a table is dead',
    better: '0.1',
  },
  {
    setting: 'autovacuum_analyze_scale_factor',
    isBad: (value, { analyzeScaleFactor }) => value > analyzeScaleFactor,
    severity: 'warning',
    consequence: 'statistics grow old before they are renewed',
    better: '0.05',
  },
  {
    setting: 'autovacuum_vacuum_cost_delay',
    isBad: (value, { costDelayMs }) => value >= costDelayMs,
    severity: 'warning',
    consequence: 'vacuum sleeps far longer than with the current default of 2 ms',
    better: '2ms',
  },
  {
    setting: 'autovacuum_naptime',
    isBad: (value, { naptimeSeconds }) => value > naptimeSeconds,
    severity: 'warning',
    consequence: 'tables wait that long before autovacuum looks at them',
    better: '1min',
  },
];

export const autovacuumSettings: HealthCheck<SettingRow, LimitName> = {
  id: 'CFG09',
  group: 'configuration',
  basis: 'catalog',
  title: 'Autovacuum settings that slow it down',
  why: 'Autovacuum that is gentle to the disk falls behind the writes, and then costs more than it saved.',
  thresholds: {
    // fresha/pgdoctor's limits, which are the defaults of PostgreSQL for the scale factors.
    minWorkers: { usual: 2, unit: 'count', label: 'Fewest workers' },
    maxWorkers: { usual: 10, unit: 'count', label: 'Most workers' },
    vacuumScaleFactor: { usual: 0.2, unit: 'ratio', label: 'Highest scale factor of vacuum' },
    analyzeScaleFactor: { usual: 0.1, unit: 'ratio', label: 'Highest scale factor of analyze' },
    // 20 was the default before PostgreSQL 12 and lives on in copied files.
    costDelayMs: { usual: 20, unit: 'milliseconds', label: 'Cost delay from which it is reported' },
    naptimeSeconds: { usual: 300, unit: 'seconds', label: 'Longest naptime' },
  },
  sql: (facts) => settingsSql([...new Set(rules.map(({ setting }) => setting))], facts),
  findings(rows, { limits }) {
    return rows.flatMap((row) =>
      rules
        .filter((rule) => rule.setting === row.name && rule.isBad(Number(row.setting), limits))
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
