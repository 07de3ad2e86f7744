import type { HealthCheck } from '../../health-check.ts';
import { alterSystem, settingEvidence, settingNamed, settingsSql, type SettingRow } from '../../setting-row.ts';

export const passwordEncryption: HealthCheck<SettingRow> = {
  id: 'SEC05',
  group: 'security',
  basis: 'catalog',
  title: 'New passwords stored as MD5',
  why: 'password_encryption decides how a password is stored when it is set. Only scram-sha-256 keeps a stolen hash from being a login.',
  sql: () => settingsSql(['password_encryption']),
  findings(rows) {
    const row = settingNamed(rows, 'password_encryption');
    if (row === undefined || row.setting === 'scram-sha-256') return [];
    return [
      {
        object: row.name,
        severity: 'warning',
        message: `password_encryption is ${row.setting}: new passwords are stored as MD5.`,
        evidence: [settingEvidence(row)],
        ...alterSystem(row, 'scram-sha-256'),
        caution:
          'Passwords that exist stay as they are until they are set again. pg_hba.conf may still say md5: that accepts both.',
      },
    ];
  },
};
