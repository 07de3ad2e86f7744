import type { HealthFinding } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import {
  alterSystem,
  serverRows,
  settingEvidence,
  settingNamed,
  aboutSettings,
  type SettingRow,
  withHiddenValues,
} from '../../setting-row.ts';

const debugSettings = ['debug_print_parse', 'debug_print_plan', 'debug_print_rewritten'];

export const connectionsNotLogged: HealthCheck<SettingRow> = {
  id: 'SEC32',
  group: 'security',
  basis: 'catalog',
  title: 'Connections and changes of definitions are not recorded',
  why: 'After an incident the first questions are who was connected and who changed what. Without these settings, or pgaudit, no log can answer them.',
  // Run on PostgreSQL 13 to 18. Since 18 log_connections is a list of stages; empty means none.
  ...aboutSettings('log_connections', 'log_disconnections', 'log_statement', 'pgaudit.log', ...debugSettings),
  findings(seen, { facts }) {
    const rows = serverRows(seen);
    const off = (name: string): SettingRow[] => {
      const row = settingNamed(rows, name);
      return row === undefined || isRecorded(row) ? [] : [row];
    };
    const audits = settingNamed(rows, 'pgaudit.log');
    const isAudited = audits !== undefined && !['', 'none'].includes(audits.setting);
    const silent = [
      ...off('log_connections'),
      ...off('log_disconnections'),
      ...(isAudited ? [] : off('log_statement')),
    ];
    const missing: HealthFinding[] =
      silent.length === 0
        ? []
        : [
            {
              object: silent.map((row) => row.name).join(', '),
              severity: 'info',
              message: `The log does not say ${whatIsMissing(silent)}.`,
              measure: silent.length,
              evidence: [...silent.map(settingEvidence), { label: 'pgaudit', value: isAudited ? 'on' : 'off' }],
              ...together(silent.map((row) => alterSystem(row, recordedValue(row, facts.versionNum)))),
            },
          ];
    const debug = debugSettings.flatMap((name) => {
      const row = settingNamed(rows, name);
      return row === undefined || row.setting !== 'on' ? [] : [row];
    });
    const findings = [
      ...missing,
      ...debug.map((row): HealthFinding => ({
        object: row.name,
        severity: 'warning',
        message: `${row.name} is on: every statement writes its trees to the log, constants included.`,
        evidence: [settingEvidence(row)],
        ...alterSystem(row, 'off'),
      })),
    ];
    return withHiddenValues(findings, seen);
  },
};

/** What of `log_connections` names the user: its other stages tell that somebody came, and how long it took. */
const namingStages = ['authentication', 'authorization', 'all', 'on', 'true', 'yes', '1'];

function stagesOf(row: SettingRow): string[] {
  return row.setting.split(',').map((stage) => stage.trim().toLowerCase());
}

function isRecorded(row: SettingRow): boolean {
  return row.name === 'log_connections'
    ? stagesOf(row).some((stage) => namingStages.includes(stage))
    : !['', 'off', 'none', 'false', '0'].includes(row.setting);
}

function recordedValue(row: SettingRow, versionNum: number): string {
  if (row.name === 'log_statement') return 'ddl';
  if (row.name !== 'log_connections' || versionNum < 180_000) return 'on';
  const kept = stagesOf(row).filter((stage) => stage === 'setup_durations');
  return ['receipt', 'authentication', 'authorization', ...kept].join(',');
}

function whatIsMissing(rows: readonly SettingRow[]): string {
  const names = rows.map((row) => row.name);
  return [
    ...(names.includes('log_connections') ? ['who connects'] : []),
    ...(names.includes('log_disconnections') ? ['when sessions end'] : []),
    ...(names.includes('log_statement') ? ['who changes definitions'] : []),
  ].join(', or ');
}

const growth = 'Behind a pooler, or where every request connects anew, the log grows with every connection.';

/** Several changes of settings, reloaded once, with the cautions of those that no SQL changes. */
function together(
  changes: readonly ReturnType<typeof alterSystem>[],
): Pick<HealthFinding, 'fixSql' | 'undoSql' | 'lock' | 'caution'> {
  const reload = 'select pg_catalog.pg_reload_conf();';
  const caution = [...new Set(changes.flatMap((change) => change.caution ?? [])), growth].join(' ');
  const made = changes.filter((change) => change.fixSql !== undefined);
  const [first] = made;
  if (first === undefined) return { caution };
  const join = (parts: readonly string[]): string =>
    [...parts.map((part) => part.replace(`\n${reload}`, '')), reload].join('\n');
  const undo = made.flatMap((change) => change.undoSql ?? []);
  return {
    fixSql: join(made.flatMap((change) => change.fixSql ?? [])),
    ...(undo.length === made.length ? { undoSql: join(undo) } : {}),
    ...(first.lock === undefined ? {} : { lock: first.lock }),
    caution,
  };
}
