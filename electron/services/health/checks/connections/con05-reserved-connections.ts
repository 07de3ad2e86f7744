import { plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { alterSystem, settingEvidence, settingNamed, aboutSettings, type SettingRow } from '../../setting-row.ts';

export const reservedConnections: HealthCheck<SettingRow, 'minReserved'> = {
  id: 'CON05',
  group: 'connections',
  basis: 'catalog',
  title: 'Connections reserved for superusers',
  why: 'When all connections are taken, the reserved ones are how an administrator still gets in to find out why.',
  thresholds: {
    minReserved: { usual: 1, unit: 'count', label: 'Fewest reserved connections' },
  },
  ...aboutSettings('superuser_reserved_connections', 'max_connections'),
  findings(rows, { limits }) {
    const reserved = settingNamed(rows, 'superuser_reserved_connections');
    if (reserved === undefined || Number(reserved.setting) >= limits.minReserved) return [];
    return [
      {
        object: reserved.name,
        severity: 'warning',
        message:
          Number(reserved.setting) === 0
            ? 'No connection is reserved for superusers: when all are taken, nobody gets in to help.'
            : `Only ${plural(reserved.setting, 'connection is', 'connections are')} reserved for superusers, who help when all others are taken.`,
        evidence: rows.map(settingEvidence),
        ...alterSystem(reserved, String(Math.max(3, limits.minReserved))),
        confidence: 'high',
      },
    ];
  },
};
