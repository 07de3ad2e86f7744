import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { serverUserFor } from '../../electron/postgres/cluster.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  readonly commonName: string;
  /** `DNS:a,IP:127.0.0.1` */
  readonly names?: string;
  readonly issuer?: KeyPair;
  /** Its last day was yesterday. */
  readonly expired?: boolean;
  readonly authority?: boolean;
  /** Encrypts the key. */
  readonly passphrase?: string;
}

/** Makes real certificates with openssl, in a folder that goes with the tests. */
export class CertificateMaker {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<CertificateMaker> {
    const folder = await temporaryFolder();
    chmodSync(folder, 0o755);
    return new CertificateMaker(folder);
  }

  make(name: string, options: CertificateOptions): KeyPair {
    const at = (extension: string) => path.join(this.folder, `${name}.${extension}`);
    const [cert, key, request, extensions] = [at('crt'), at('key'), at('csr'), at('ext')];
    this.#openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', key]);
    this.#openssl(['req', '-new', '-key', key, '-subj', `/CN=${options.commonName}`, '-out', request]);
    writeFileSync(
      extensions,
      [
        `basicConstraints=critical,CA:${options.authority ? 'TRUE' : 'FALSE'}`,
        ...(options.authority ? ['keyUsage=critical,keyCertSign,cRLSign'] : []),
        ...(options.names ? [`subjectAltName=${options.names}`] : []),
      ].join('\n'),
    );
    const signer = options.issuer
      ? ['-CA', options.issuer.cert, '-CAkey', options.issuer.key, '-CAcreateserial']
      : ['-signkey', key];
    this.#openssl([
      'x509',
      '-req',
      '-in',
      request,
      '-out',
      cert,
      '-extfile',
      extensions,
      ...signer,
      '-days',
      options.expired ? '-1' : '30',
    ]);
    if (options.passphrase !== undefined) {
      this.#openssl(['ec', '-in', key, '-aes256', '-passout', `pass:${options.passphrase}`, '-out', `${key}.locked`]);
      copyFileSync(`${key}.locked`, key);
    }
    chmodSync(key, 0o600);
    return { cert, key };
  }

  /** A revocation list of `issuer` that names `revoked`. */
  revoke(name: string, issuer: KeyPair, revoked: KeyPair): string {
    const at = (extension: string) => path.join(this.folder, `${name}.${extension}`);
    writeFileSync(at('index'), '');
    writeFileSync(
      at('conf'),
      `[ca]\ndefault_ca=own\n[own]\ndatabase=${at('index')}\ndefault_md=sha256\ndefault_crl_days=30\n`,
    );
    const authority = ['-config', at('conf'), '-cert', issuer.cert, '-keyfile', issuer.key];
    this.#openssl(['ca', ...authority, '-revoke', revoked.cert]);
    this.#openssl(['ca', ...authority, '-gencrl', '-out', at('crl')]);
    return at('crl');
  }

  /** Copies of a pair that the server's own user may read. */
  async forServer(name: string, pair: KeyPair): Promise<KeyPair> {
    const copy = { cert: path.join(this.folder, `${name}.crt`), key: path.join(this.folder, `${name}.key`) };
    copyFileSync(pair.cert, copy.cert);
    copyFileSync(pair.key, copy.key);
    chmodSync(copy.key, 0o600);
    const user = await serverUserFor();
    if (user) chownSync(copy.key, user.uid, user.gid);
    return copy;
  }

  #openssl(args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}
