import type { HealthCheck } from '../../health-check.ts';
import { alterSystem, settingEvidence, settingNamed, settingsSql, type SettingRow } from '../../setting-row.ts';

export const reservedConnections: HealthCheck<SettingRow> = {
  id: 'CON05',
  group: 'connections',
  basis: 'moment',
  title: 'Connections reserved for superusers',
  why: 'When all connections are taken, the reserved ones are how an administrator still gets in to find out why.',
  sql: () => settingsSql(['superuser_reserved_connections', 'max_connections']),
  findings(rows) {
    const reserved = settingNamed(rows, 'superuser_reserved_connections');
    if (reserved === undefined || Number(reserved.setting) > 0) return [];
    return [
      {
        object: reserved.name,
        severity: 'warning',
        message: 'No connection is reserved for superusers: when all are taken, nobody gets in to help.',
        evidence: rows.map(settingEvidence),
        ...alterSystem(reserved, '3'),
        confidence: 'high',
      },
    ];
  },
};
