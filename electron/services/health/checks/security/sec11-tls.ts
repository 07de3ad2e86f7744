import type { HealthFinding } from '#contract/health-model.ts';
import type { HealthCheck } from '../../health-check.ts';
import { alterSystem, settingEvidence, settingNamed, aboutSettings, type SettingRow } from '../../setting-row.ts';
import { listensBeyondItself } from './hba-rules.ts';

export const tls: HealthCheck<SettingRow> = {
  id: 'SEC11',
  group: 'security',
  basis: 'catalog',
  title: 'TLS off or outdated',
  why: 'Without TLS everything between client and server, data and all, can be read and changed on the way. Versions before 1.2 are broken.',
  ...aboutSettings('ssl', 'ssl_min_protocol_version', 'listen_addresses'),
  findings(rows) {
    const ssl = settingNamed(rows, 'ssl');
    const minimum = settingNamed(rows, 'ssl_min_protocol_version');
    const listens = settingNamed(rows, 'listen_addresses')?.setting ?? '*';
    const isRemote = listensBeyondItself(listens);
    const findings: HealthFinding[] = [];
    if (ssl?.setting === 'off') {
      findings.push({
        object: 'ssl',
        severity: isRemote ? 'critical' : 'info',
        message: `TLS is off${isRemote ? ', and the server listens to other machines' : '; the server listens to its own machine only'}.`,
        evidence: [settingEvidence(ssl), { label: 'listen_addresses', value: listens }],
        caution:
          'Needs a certificate and its key first (ssl_cert_file, ssl_key_file): with ssl = on and without them the server does not start.',
      });
    }
    if (ssl?.setting === 'on' && minimum !== undefined && ['', 'TLSv1', 'TLSv1.1'].includes(minimum.setting)) {
      findings.push({
        object: minimum.name,
        severity: 'warning',
        message: `TLS versions before 1.2 are accepted (${minimum.setting || 'any'}).`,
        evidence: [settingEvidence(minimum)],
        ...alterSystem(minimum, 'TLSv1.2'),
      });
    }
    return findings;
  },
};
