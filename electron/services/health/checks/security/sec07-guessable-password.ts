import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';

import type { HealthFinding } from '#contract/health-model.ts';
import { formatCount } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly role_name: string;
  readonly bare_name: string;
  /** The role that asks: without a password it could not come back. */
  readonly is_self: boolean;
  readonly kind: 'md5' | 'scram' | 'other';
  /** What the server found out about an MD5 password. */
  readonly is_name: boolean;
  readonly is_empty: boolean;
  readonly iterations: number | null;
  readonly salt: string | null;
  /** SHA-256 of the stored key: enough to compare with, and no way to log in. */
  readonly fingerprint: string | null;
  /** What `prepare` found out about a SCRAM secret; absent where it was not tried. */
  readonly isGuessed?: boolean;
}

const stretch = promisify(pbkdf2);

/** A guess costs some thousand rounds of SHA-256; more secrets than this would hold up the report. */
const maxGuesses = 200;
/** A secret may ask for any number of rounds; more than this is not tried. */
const maxRounds = 20_000;

export const guessablePassword: HealthCheck<Row> = {
  id: 'SEC07',
  group: 'security',
  basis: 'catalog',
  title: 'Passwords equal to the role name',
  why: 'The name of the role is the first guess of everybody who tries.',
  requires: { privilege: 'superuser' },
  // Run on PostgreSQL 13 to 18. The server compares MD5 hashes itself. A SCRAM secret takes thousands of rounds, which
  // SQL cannot do: its salt and a fingerprint of the stored key are compared here, and no secret leaves the server.
  sql: () => `
with secret as materialized (
  select
    role.rolname,
    role.rolpassword,
    regexp_match(role.rolpassword, '^SCRAM-SHA-256\\$([0-9]+):([^$]+)\\$([^:]+):') as scram
  from pg_catalog.pg_authid as role
  where role.rolcanlogin
    and role.rolpassword is not null
)
select
  quote_ident(secret.rolname) as role_name,
  secret.rolname::text as bare_name,
  secret.rolname in (current_user, session_user) as is_self,
  case when secret.scram is not null then 'scram' when secret.rolpassword like 'md5%' then 'md5' else 'other' end as kind,
  secret.rolpassword = 'md5' || md5(secret.rolname || secret.rolname) as is_name,
  secret.rolpassword = 'md5' || md5(secret.rolname) as is_empty,
  secret.scram[1]::int4 as iterations,
  secret.scram[2] as salt,
  encode(sha256(decode(secret.scram[3], 'base64')), 'hex') as fingerprint
from secret
order by role_name`,
  async prepare(rows) {
    const guessed: Row[] = [];
    let tried = 0;
    for (const row of rows) {
      const isTried = row.kind === 'scram' && (row.iterations ?? 0) <= maxRounds && tried < maxGuesses;
      if (isTried) tried += 1;
      guessed.push(isTried ? { ...row, isGuessed: await isOwnName(row) } : row);
    }
    return guessed;
  },
  findings(rows) {
    const scram = rows.filter((row) => row.kind === 'scram');
    const tried = scram.filter((row) => row.isGuessed !== undefined);
    const findings = rows
      .filter((row) => row.is_name || row.is_empty || row.isGuessed === true)
      .map((row): HealthFinding => ({
        object: `role ${row.role_name}`,
        severity: 'critical',
        message: `The password of ${row.role_name} is ${row.is_empty ? 'empty' : 'its own name'}.`,
        evidence: [{ label: 'Stored as', value: row.kind === 'md5' ? 'MD5' : 'SCRAM-SHA-256' }],
        ...(row.is_self
          ? {
              caution:
                'This is the role you are logged in as: set a new password, for example with \\password in psql.',
            }
          : {
              fixSql: `alter role ${row.role_name} password null;`,
              lock: lockTexts.none,
              caution: 'The role cannot log in by password until a new one is set.',
            }),
      }));
    return tried.length === scram.length
      ? findings
      : cannotTell(`${formatCount(scram.length - tried.length)} SCRAM secrets would take too long to compare.`, {
          findings,
        });
  },
};

/** RFC 5803: the stored key is H(HMAC(PBKDF2(password, salt, i), "Client Key")). */
async function isOwnName(row: Row): Promise<boolean> {
  if (row.salt === null || row.iterations === null || row.fingerprint === null) return false;
  // The server prepares passwords so (SASLprep), and takes those as they are that it cannot prepare.
  const salted = await stretch(
    row.bare_name.normalize('NFKC'),
    Buffer.from(row.salt, 'base64'),
    row.iterations,
    32,
    'sha256',
  );
  const storedKey = createHash('sha256').update(createHmac('sha256', salted).update('Client Key').digest()).digest();
  return createHash('sha256').update(storedKey).digest('hex') === row.fingerprint;
}
