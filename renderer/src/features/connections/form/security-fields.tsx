import { TextField } from '../../../ui/field.tsx';
import { Select } from '../../../ui/select.tsx';

import type { ConnectionForm } from './connection-form.ts';
import type { FormFieldsProps } from './form-fields.ts';
import styles from './form.module.css';

type SslMode = ConnectionForm['sslMode'];

const modes: readonly { readonly value: SslMode; readonly label: string }[] = [
  { value: 'disable', label: 'disable' },
  { value: 'allow', label: 'allow' },
  { value: 'prefer', label: 'prefer' },
  { value: 'require', label: 'require' },
  { value: 'verify-ca', label: 'verify-ca' },
  { value: 'verify-full', label: 'verify-full' },
];

/** https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION, in a sentence each. */
const protection: Readonly<Record<SslMode, string>> = {
  disable: 'Never encrypted: whoever is on the way reads everything, the password included where it is sent plainly.',
  allow: 'Encrypted only if the server insists. Protects from nobody who wants to listen.',
  prefer: 'Encrypted if the server can. Protects from a mere listener; whoever can change the traffic can turn it off.',
  require: 'Always encrypted, but to whoever answers: protects from a listener, not from an impostor.',
  'verify-ca':
    'Encrypted, and the certificate is from an authority that you trust. Enough with an authority of your own.',
  'verify-full': 'Encrypted, the authority trusted and the host name right: protects from listeners and impostors.',
};

/** How TLS is spoken, and with which files. */
export function SecurityFields({ form, onChange }: FormFieldsProps) {
  const set = (change: Partial<ConnectionForm>) => onChange((before) => ({ ...before, ...change }));
  const verifies = form.sslMode === 'verify-ca' || form.sslMode === 'verify-full';
  return (
    <div className={styles['form']}>
      <Select
        className={styles['span12']}
        label="TLS (sslmode)"
        options={modes}
        value={form.sslMode}
        onValueChange={(sslMode) => set({ sslMode })}
        description={protection[form.sslMode]}
      />
      <TextField
        className={styles['span12']}
        label="Root certificates"
        mono
        value={form.sslRootCert}
        onValueChange={(sslRootCert) => set({ sslRootCert })}
        placeholder="~/.postgresql/root.crt"
        description={
          verifies
            ? 'The authorities that may sign the server’s certificate. Write “system” for those of the system, with verify-full.'
            : 'Not needed for this mode. With require, a file that is there is checked against as verify-ca does.'
        }
      />
      <TextField
        className={styles['span6']}
        label="Client certificate"
        mono
        value={form.sslCert}
        onValueChange={(sslCert) => set({ sslCert })}
        placeholder="~/.postgresql/postgresql.crt"
      />
      <TextField
        className={styles['span6']}
        label="Its key"
        mono
        value={form.sslKey}
        onValueChange={(sslKey) => set({ sslKey })}
        placeholder="~/.postgresql/postgresql.key"
        description="Steward asks for its passphrase."
      />
      <TextField
        className={styles['span12']}
        label="Revoked certificates (CRL)"
        mono
        value={form.sslCrl}
        onValueChange={(sslCrl) => set({ sslCrl })}
        placeholder="~/.postgresql/root.crl"
      />
    </div>
  );
}
