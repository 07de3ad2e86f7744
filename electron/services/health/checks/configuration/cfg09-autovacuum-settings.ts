import type { Severity } from '#contract/health-model.ts';
import { formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { alterSystem, settingEvidence, settingNamed, aboutSettings, type SettingRow } from '../../setting-row.ts';

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
  readonly consequence: (value: number) => string;
  /** A value that the limits bear. */
  readonly better: (limits: Readonly<Record<LimitName, number>>) => string;
}

const rules: readonly Rule[] = [
  {
    setting: 'autovacuum_max_workers',
    isBad: (value, { minWorkers }) => value < minWorkers,
    severity: 'warning',
    consequence: () => 'one large table keeps all others waiting',
    better: ({ minWorkers }) => String(Math.max(3, minWorkers)),
  },
  {
    setting: 'autovacuum_max_workers',
    isBad: (value, { maxWorkers }) => value > maxWorkers,
    severity: 'info',
    consequence: () => 'the workers share one cost limit and each gets slower',
    better: ({ maxWorkers }) => String(Math.min(5, maxWorkers)),
  },
  {
    setting: 'autovacuum_vacuum_scale_factor',
    isBad: (value, { vacuumScaleFactor }) => value > vacuumScaleFactor,
    severity: 'warning',
    consequence: (value) => `vacuum waits until ${formatPercent(value)} of a table is dead`,
    better: ({ vacuumScaleFactor }) => String(Math.min(0.1, vacuumScaleFactor)),
  },
  {
    setting: 'autovacuum_analyze_scale_factor',
    isBad: (value, { analyzeScaleFactor }) => value > analyzeScaleFactor,
    severity: 'warning',
    consequence: () => 'statistics grow old before they are renewed',
    better: ({ analyzeScaleFactor }) => String(Math.min(0.05, analyzeScaleFactor)),
  },
  {
    setting: 'autovacuum_vacuum_cost_delay',
    isBad: (value, { costDelayMs }) => value >= costDelayMs,
    severity: 'warning',
    consequence: () => 'vacuum sleeps far longer than with the current default of 2 ms',
    better: ({ costDelayMs }) => `${String(Math.min(2, costDelayMs / 2))}ms`,
  },
  {
    setting: 'autovacuum_naptime',
    isBad: (value, { naptimeSeconds }) => value > naptimeSeconds,
    severity: 'warning',
    consequence: () => 'tables wait that long before autovacuum looks at them',
    better: ({ naptimeSeconds }) => `${String(Math.min(60, naptimeSeconds))}s`,
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
  ...aboutSettings(...new Set(rules.map(({ setting }) => setting)), 'vacuum_cost_delay'),
  findings(rows, { limits }) {
    return rows.flatMap((row) => {
      const inForce = inForceOf(row, rows);
      return rules
        .filter((rule) => rule.setting === row.name && rule.isBad(Number(inForce.setting), limits))
        .map((rule) => ({
          object: row.name,
          severity: rule.severity,
          message: `${row.name} is ${row.shown}${inForce === row ? '' : `, which stands for ${inForce.name}, ${inForce.shown}`}: ${rule.consequence(Number(inForce.setting))}.`,
          evidence: [
            settingEvidence(row),
            ...(inForce === row ? [] : [settingEvidence(inForce)]),
            { label: 'Default', value: row.boot_val ?? '' },
          ],
          ...alterSystem(row, rule.better(limits)),
          confidence: 'high' as const,
        }));
    });
  },
};

/** -1 as the delay of autovacuum stands for that of VACUUM. */
function inForceOf(row: SettingRow, rows: readonly SettingRow[]): SettingRow {
  return row.name === 'autovacuum_vacuum_cost_delay' && row.setting === '-1'
    ? (settingNamed(rows, 'vacuum_cost_delay') ?? row)
    : row;
}
