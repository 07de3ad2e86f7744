import { type X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls, { type PeerCertificate, type ConnectionOptions as TlsOptions } from 'node:tls';

import { StewardError } from './failure.ts';

export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** What of a connection decides how TLS is spoken. File names as libpq takes them; left out, its own places are looked at. */
export interface SslParameters {
  readonly host: string;
  readonly sslMode: SslMode;
  readonly sslRootCert?: string | undefined;
  readonly sslCert?: string | undefined;
  readonly sslKey?: string | undefined;
  readonly sslCrl?: string | undefined;
  readonly sslKeyPassphrase?: string | undefined;
}

/** One way of speaking TLS, or none: what is tried for an sslmode, in order. */
export type SslAttempt = false | TlsOptions;

/**
 * What libpq tries for each sslmode, in order. `allow` and `prefer` have two attempts; a unix socket never uses TLS.
 * https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS
 */
export function sslAttempts(parameters: SslParameters): readonly SslAttempt[] {
  if (parameters.host.startsWith('/')) return [false];
  if (parameters.sslMode === 'disable') return [false];
  if (parameters.sslRootCert === 'system' && parameters.sslMode !== 'verify-full') {
    throw StewardError.of(
      'bad_input',
      `The weak sslmode "${parameters.sslMode}" may not be used with sslrootcert=system`,
      {
        hint: 'Anybody can get a certificate from a public authority: choose verify-full.',
      },
    );
  }
  const own = clientCertificate(parameters);
  const name = isIP(parameters.host) ? {} : { servername: parameters.host };
  const unverified: TlsOptions = { ...own, ...name, rejectUnauthorized: false };
  const verified = (authority: Authority, checkName: boolean): TlsOptions => ({
    ...own,
    ...name,
    ...authority,
    rejectUnauthorized: true,
    checkServerIdentity: checkName
      ? (_: string, certificate: PeerCertificate) => serverIdentityError(parameters.host, certificate)
      : () => undefined,
  });
  // With a root certificate at hand libpq verifies the authority in every mode; "prefer" then goes on without TLS.
  const authority = rootAuthority(parameters, parameters.sslMode.startsWith('verify'));
  const encrypted = authority ? verified(authority, parameters.sslMode === 'verify-full') : unverified;
  switch (parameters.sslMode) {
    case 'allow':
      return [false, encrypted];
    case 'prefer':
      return [encrypted, false];
    default:
      return [encrypted];
  }
}

interface Authority {
  readonly ca: string | string[];
  readonly crl?: string;
}

function rootAuthority({ sslRootCert, sslCrl }: SslParameters, required: boolean): Authority | undefined {
  if (sslRootCert === 'system') return { ca: tls.getCACertificates('system') };
  const file = sslRootCert ? expandHome(sslRootCert) : libpqFile('root.crt');
  let ca: string;
  try {
    ca = readFileSync(file, 'utf8');
  } catch (error) {
    if (sslRootCert === undefined && !required) return undefined;
    throw StewardError.of('bad_input', `The root certificate ${file} cannot be read (${systemCode(error)})`, {
      hint: 'Name the file that holds the authority of the server’s certificate, or choose sslmode "require", which does not check whom it speaks to.',
      cause: error,
    });
  }
  const crl = sslCrl
    ? readNamed(expandHome(sslCrl), 'certificate revocation list')
    : readIfThere(libpqFile('root.crl'));
  return crl === undefined ? { ca } : { ca, crl };
}

/** The client's certificate and key: those named, or libpq's default files where they exist. */
function clientCertificate({ sslCert, sslKey, sslKeyPassphrase }: SslParameters): TlsOptions {
  const certificateFile = sslCert ? expandHome(sslCert) : libpqFile('postgresql.crt');
  const cert = sslCert ? readNamed(certificateFile, 'client certificate') : readIfThere(certificateFile);
  if (cert === undefined) {
    if (sslKey)
      throw StewardError.of('bad_input', 'A client key without its certificate', {
        hint: 'Name the certificate too (sslcert).',
      });
    return {};
  }
  const keyFile = sslKey ? expandHome(sslKey) : libpqFile('postgresql.key');
  refuseOpenKey(keyFile);
  const key = readNamed(keyFile, 'client key');
  try {
    createPrivateKey({ key, ...(sslKeyPassphrase ? { passphrase: sslKeyPassphrase } : {}) });
  } catch (error) {
    if (/passphrase|bad decrypt|interrupted or cancelled/i.test((error as Error).message)) {
      throw new StewardError({
        code: 'needs_answer',
        message: sslKeyPassphrase
          ? `The passphrase does not open the client key ${keyFile}`
          : `The client key ${keyFile} is encrypted`,
        hint: 'Give its passphrase.',
        retryable: false,
        question: { kind: 'secret', purpose: 'key-passphrase', subject: keyFile },
      });
    }
    throw StewardError.of('bad_input', `The client key ${keyFile} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return { cert, key, ...(sslKeyPassphrase ? { passphrase: sslKeyPassphrase } : {}) };
}

/** libpq's rule: nobody but the owner may read the key; one that root owns may be read by its group. */
function refuseOpenKey(file: string): void {
  if (process.platform === 'win32') return;
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return;
  const tooOpen = stat.uid === 0 && process.getuid?.() !== 0 ? stat.mode & 0o037 : stat.mode & 0o077;
  const forgiven = stat.uid === 0 && (stat.mode & 0o037) === 0;
  if (tooOpen && !forgiven) {
    throw StewardError.of('bad_input', `The client key ${file} can be read by others`, { hint: `chmod 600 ${file}` });
  }
}

function readNamed(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw StewardError.of('bad_input', `The ${what} ${file} cannot be read (${systemCode(error)})`, { cause: error });
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function systemCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}

/** `~` is the home folder, as in a shell. */
export function expandHome(file: string): string {
  return file === '~' || file.startsWith('~/') ? path.join(os.homedir(), file.slice(1)) : file;
}

/** Where libpq looks when nothing is named. */
function libpqFile(name: string): string {
  const roaming = process.env['APPDATA'];
  return process.platform === 'win32' && roaming
    ? path.join(roaming, 'postgresql', name)
    : path.join(os.homedir(), '.postgresql', name);
}

/**
 * Why a certificate is not the host's, or undefined when it is: libpq's rules for verify-full. A name matches a dNSName
 * (a `*` stands for one leftmost label), an address matches an iPAddress; the common name counts only where the
 * certificate has no such names. https://www.postgresql.org/docs/current/libpq-ssl.html#LIBQ-SSL-CERTIFICATES
 */
export function serverIdentityError(
  host: string,
  certificate: Pick<PeerCertificate, 'subject' | 'subjectaltname'> & { readonly raw?: X509Certificate['raw'] },
): Error | undefined {
  const names = alternativeNames(certificate.subjectaltname ?? '');
  const address = isIP(host) !== 0;
  const matches = address
    ? names.some(({ type, value }) =>
        type === 'IP Address' ? sameAddress(value, host) : type === 'DNS' && value === host,
      )
    : names.some(({ type, value }) => type === 'DNS' && hostMatches(host, value));
  if (matches) return undefined;
  const commonName = [certificate.subject.CN].flat().at(-1);
  const nameless = !names.some(({ type }) => type === 'DNS' || (address && type === 'IP Address'));
  if (nameless && commonName !== undefined && (address ? commonName === host : hostMatches(host, commonName)))
    return undefined;
  const shown = names.map(({ value }) => value).concat(commonName !== undefined && nameless ? [commonName] : []);
  return Object.assign(
    new Error(`The server’s certificate is for ${shown.join(', ') || 'nobody'}, and not for ${host}`),
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  );
}

/** Node writes them `DNS:a, IP Address:1.2.3.4`, and a value with odd characters as a JSON string. */
function alternativeNames(text: string): { type: string; value: string }[] {
  return [...text.matchAll(/(?<type>DNS|IP Address):(?<value>"(?:[^"\\]|\\.)*"|[^,]*)/g)].map(({ groups }) => {
    const value = groups?.['value'] ?? '';
    return { type: groups?.['type'] ?? '', value: value.startsWith('"') ? String(JSON.parse(value)) : value };
  });
}

function hostMatches(host: string, pattern: string): boolean {
  const [name, wanted] = [host.toLowerCase().replace(/\.$/, ''), pattern.toLowerCase().replace(/\.$/, '')];
  if (!wanted.startsWith('*.')) return name === wanted;
  const rest = wanted.slice(1);
  return name.endsWith(rest) && name.length > rest.length && !name.slice(0, -rest.length).includes('.');
}

function sameAddress(left: string, right: string): boolean {
  const normal = (address: string) => {
    if (isIP(address) !== 6) return address;
    try {
      return new URL(`http://[${address}]`).hostname;
    } catch {
      return address;
    }
  };
  return normal(left) === normal(right);
}
