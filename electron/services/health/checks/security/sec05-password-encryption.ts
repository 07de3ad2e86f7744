import type { HealthCheck } from '../../health-check.ts';
import { alterSystem, judgeSettings, settingEvidence, aboutSettings, type SettingRow } from '../../setting-row.ts';

export const passwordEncryption: HealthCheck<SettingRow> = {
  id: 'SEC05',
  group: 'security',
  basis: 'catalog',
  title: 'New passwords stored as MD5',
  why: 'password_encryption decides how a password is stored when it is set. Only scram-sha-256 keeps a stolen hash from being a login.',
  ...aboutSettings('password_encryption'),
  findings(rows) {
    return judgeSettings(rows, (row) =>
      row.setting === 'scram-sha-256'
        ? []
        : [
            {
              object: row.name,
              severity: 'warning',
              message: `password_encryption is ${row.setting}: new passwords are stored as MD5.`,
              evidence: [settingEvidence(row)],
              ...alterSystem(
                row,
                'scram-sha-256',
                'Passwords that exist stay as they are until they are set again. pg_hba.conf may still say md5: that accepts both.',
              ),
            },
          ],
    );
  },
};
