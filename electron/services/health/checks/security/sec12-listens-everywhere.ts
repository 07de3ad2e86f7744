import type { HealthCheck } from '../../health-check.ts';
import { settingEvidence, settingNamed, aboutSettings, type SettingRow } from '../../setting-row.ts';

export const listensEverywhere: HealthCheck<SettingRow> = {
  id: 'SEC12',
  group: 'security',
  basis: 'catalog',
  title: 'The server listens on every address',
  why: 'A machine often has more networks than the one its clients come from. With * a network that is added later can reach the server as well, and only pg_hba.conf and the firewall stand between.',
  ...aboutSettings('listen_addresses', 'port'),
  findings(rows) {
    const row = settingNamed(rows, 'listen_addresses');
    const wide = (row?.setting ?? '')
      .split(',')
      .map((address) => address.trim())
      .filter((address) => ['*', '0.0.0.0', '::'].includes(address));
    if (row === undefined || wide.length === 0) return [];
    const port = settingNamed(rows, 'port');
    return [
      {
        object: row.name,
        severity: 'info',
        message: `The server listens on every address of its machine (listen_addresses is ${row.setting}).`,
        evidence: [settingEvidence(row), ...(port === undefined ? [] : [settingEvidence(port)])],
        caution: 'In a container, or behind a firewall that is looked after, this is usual. A change takes a restart.',
      },
    ];
  },
};
