import type { HealthFinding } from '#contract/health-model.ts';
import { formatDuration } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { alterSystem, settingEvidence, settingNamed, aboutSettings, type SettingRow } from '../../setting-row.ts';
import { grantRole } from '../../unlock-sql.ts';
import { listensBeyondItself } from './hba-rules.ts';
import { librariesOf } from './sec30-extension-files-missing.ts';

/** Libraries that refuse weak passwords, or slow down or stop who guesses. */
const guards = ['auth_delay', 'credcheck', 'passwordcheck', 'passwordpolicy', 'pg_password_policy'];

export const passwordGuessing: HealthCheck<SettingRow, 'maxAuthenticationSeconds'> = {
  id: 'SEC31',
  group: 'security',
  basis: 'catalog',
  title: 'Nothing slows down or refuses weak passwords',
  why: 'PostgreSQL takes any password, and lets anybody try as many as they like. passwordcheck or credcheck refuse weak ones, auth_delay makes every wrong guess wait.',
  thresholds: {
    // The default of the setting; pgdsat warns above it.
    maxAuthenticationSeconds: {
      usual: 60,
      unit: 'seconds',
      label: 'Longest authentication_timeout that is not reported',
    },
  },
  ...aboutSettings('authentication_timeout', 'listen_addresses', 'shared_preload_libraries'),
  // A server that listens to its own machine alone is not guessed at from elsewhere.
  findings(rows, { facts, limits }) {
    const timeout = settingNamed(rows, 'authentication_timeout');
    const slow: HealthFinding[] =
      timeout === undefined || Number(timeout.setting) <= limits.maxAuthenticationSeconds
        ? []
        : [
            {
              object: timeout.name,
              severity: 'info',
              message: `A client may hold a connection for ${formatDuration(Number(timeout.setting) * 1000)} without logging in (authentication_timeout).`,
              evidence: [settingEvidence(timeout)],
              ...alterSystem(timeout, `${String(limits.maxAuthenticationSeconds)}s`),
            },
          ];
    const listens = settingNamed(rows, 'listen_addresses');
    if (rows.length === 0 || !listensBeyondItself(listens?.setting ?? '')) return slow;
    const preloaded = settingNamed(rows, 'shared_preload_libraries');
    if (preloaded === undefined) {
      return cannotTell(`shared_preload_libraries is hidden from ${facts.user}.`, {
        unlockSql: grantRole('pg_read_all_settings', facts),
        findings: slow,
      });
    }
    if (librariesOf(preloaded.setting).some((library) => guards.includes(library))) return slow;
    return [
      ...slow,
      {
        object: preloaded.name,
        severity: 'info',
        message: 'No library refuses weak passwords or slows down guessing, and the server listens to other machines.',
        evidence: [
          { label: preloaded.name, value: preloaded.setting === '' ? '(empty)' : preloaded.setting },
          ...(listens === undefined ? [] : [settingEvidence(listens)]),
        ],
        caution: 'passwordcheck and auth_delay come with PostgreSQL; adding one takes a restart.',
        confidence: 'medium',
        confidenceReason: 'A pooler, a firewall or single sign-on may do the same.',
      },
    ];
  },
};
