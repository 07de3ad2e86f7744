import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import type { CheckOutcome } from '../../../electron/services/health/health-check.ts';
import { effectiveRules } from '../../../electron/services/health/checks/security/effective-hba-rules.ts';
import { isLoopback, rangesOf } from '../../../electron/services/health/checks/security/hba-addresses.ts';
import { listensBeyondItself, type HbaRow } from '../../../electron/services/health/checks/security/hba-rules.ts';
import { callsPerRow, wrapCalls } from '../../../electron/services/health/checks/security/policy-calls.ts';
import type { PolicyRow } from '../../../electron/services/health/checks/security/policies.ts';
import { severalSuperusers } from '../../../electron/services/health/checks/security/sec01-several-superusers.ts';
import { remoteSuperuser } from '../../../electron/services/health/checks/security/sec02-remote-superuser.ts';
import { passwordExpiry } from '../../../electron/services/health/checks/security/sec06-password-expiry.ts';
import { guessablePassword } from '../../../electron/services/health/checks/security/sec07-guessable-password.ts';
import { weakAuthentication } from '../../../electron/services/health/checks/security/sec08-weak-authentication.ts';
import { openToAllAddresses } from '../../../electron/services/health/checks/security/sec09-open-to-all-addresses.ts';
import { unencryptedRules } from '../../../electron/services/health/checks/security/sec10-unencrypted-rules.ts';
import { policyAlwaysTrue } from '../../../electron/services/health/checks/security/sec18-policy-always-true.ts';
import { severalPermissivePolicies } from '../../../electron/services/health/checks/security/sec19-several-permissive-policies.ts';
import { grantsToPublic } from '../../../electron/services/health/checks/security/sec22-grants-to-public.ts';
import {
  extensionFilesMissing,
  librariesOf,
} from '../../../electron/services/health/checks/security/sec30-extension-files-missing.ts';
import { passwordGuessing } from '../../../electron/services/health/checks/security/sec31-password-guessing.ts';
import { connectionsNotLogged } from '../../../electron/services/health/checks/security/sec32-connections-not-logged.ts';
import type { SettingRow } from '../../../electron/services/health/setting-row.ts';
import { contextOf, healthFacts } from './health-facts.ts';

function messages(outcome: CheckOutcome): string[] {
  return ('kind' in outcome ? (outcome.findings ?? []) : outcome).map(
    (finding) => `${finding.severity}: ${finding.message}`,
  );
}

/** Lines of pg_hba.conf, as the view has them: `host all all 10.0.0.0 255.0.0.0 trust`. */
function hba(...lines: string[]): HbaRow[] {
  return lines.map((line, at) => {
    const [type = '', databases = '', users = '', ...rest] = line.split(/\s+/);
    const options = rest.filter((word) => word.includes('='));
    const words = rest.filter((word) => !word.includes('='));
    const method = words.pop() ?? '';
    return {
      line_number: at + 1,
      file_name: null,
      type,
      databases: databases.split(','),
      users: users.split(','),
      members: users.split(',').includes('+admins') ? ['boss'] : [],
      patterns: null,
      address: words[0] ?? null,
      netmask: words[1] ?? null,
      auth_method: method,
      options: options.length === 0 ? null : options,
      error: null,
      listen_addresses: '*',
      ssl: 'on',
      superusers: ['boss'],
      md5_passwords: null,
    };
  });
}
const everyIpv4 = '0.0.0.0 0.0.0.0';

describe('pg_hba.conf', () => {
  const remote = (...lines: string[]) => messages(remoteSuperuser.findings(hba(...lines), contextOf(remoteSuperuser)));
  const weak = (...lines: string[]) =>
    messages(weakAuthentication.findings(hba(...lines), contextOf(weakAuthentication)));

  it('lets the first rule that matches decide: a reject before a broad trust', () => {
    expect(remote(`host all boss all reject`, `host all all all scram-sha-256`)).toEqual([]);
    expect(remote(`host all boss ${everyIpv4} reject`, `host all all all scram-sha-256`)).toEqual([
      'critical: Superuser boss may connect from anywhere (pg_hba.conf line 2, scram-sha-256).',
    ]);
    expect(remote(`host all +admins all reject`, `host all all all scram-sha-256`)).toEqual([]);
    const byPattern = hba(`host all /^bo all reject`, `host all all all scram-sha-256`).map((row, at) => ({
      ...row,
      patterns: { users: at === 0 ? ['boss'] : [], databases: [], every_user: false, every_database: false },
    }));
    expect(remoteSuperuser.findings(byPattern, contextOf(remoteSuperuser))).toEqual([]);
    expect(remote(`host shop boss all reject`, `host all all all scram-sha-256`)).toHaveLength(1);
    expect(remote(`host all all all scram-sha-256`, `host all boss all reject`)).toHaveLength(1);
    expect(weak(`host all all all reject`, `host all all 10.0.0.0 255.0.0.0 trust`)).toEqual([]);
    expect(weak(`host all all 10.0.0.0 255.0.0.0 trust`, `host all all all reject`)).toEqual([
      'critical: Line 1 of pg_hba.conf uses trust for host connections from 10.0.0.0/8: it lets everybody in without a password.',
    ]);
    expect(weak(`host all eve all reject`, `host all all all trust`)).toHaveLength(1);
  });

  it('says nothing of superusers who come from the machine itself, or cannot come at all', () => {
    expect(
      remote(
        'local all all trust',
        'host all all 127.0.0.1 255.255.255.255 trust',
        'host all all ::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff trust',
      ),
    ).toEqual([]);
    expect(remote('host all all samehost scram-sha-256', 'host all all localhost md5')).toEqual([]);
    expect(remote('host all app all scram-sha-256')).toEqual([]);
    const inside = hba('host all all all trust').map((row) => ({ ...row, listen_addresses: 'localhost' }));
    expect(remoteSuperuser.findings(inside, contextOf(remoteSuperuser))).toEqual([]);
    expect(messages(weakAuthentication.findings(inside, contextOf(weakAuthentication)))).toEqual([
      'warning: Line 1 of pg_hba.conf uses trust for host connections from all: it lets everybody in without a password.',
    ]);
  });

  it('weighs trust on the socket and on loopback less than from other machines, and certificates not at all', () => {
    const severities = (...lines: string[]) => weak(...lines).map((message) => message.split(':')[0]);
    expect(severities('local all all trust')).toEqual(['warning']);
    expect(severities('host all all 127.0.0.0 255.0.0.0 trust')).toEqual(['warning']);
    expect(severities('host all all 192.168.1.0 255.255.255.0 trust')).toEqual(['critical']);
    expect(severities('hostssl all all all trust clientcert=verify-full')).toEqual([]);
    expect(severities('hostssl all all all password')).toEqual(['warning']);
    expect(severities('host all all all password')).toEqual(['critical']);
    expect(severities('host all all all md5')).toEqual(['warning']);
    const scramOnly = hba('host all all all md5').map((row) => ({ ...row, md5_passwords: 0 }));
    expect(messages(weakAuthentication.findings(scramOnly, contextOf(weakAuthentication)))).toEqual([
      'info: Line 1 of pg_hba.conf uses md5 for host connections from all: it would accept MD5, although no password is stored so now.',
    ]);
  });

  it('finds what goes without TLS, unless an earlier line refuses that', () => {
    const plain = (...lines: string[]) =>
      messages(unencryptedRules.findings(hba(...lines), contextOf(unencryptedRules))).length;
    expect([
      plain('host all all all scram-sha-256'),
      plain('hostssl all all all scram-sha-256'),
      plain('hostnossl all all all reject', 'host all all all scram-sha-256'),
      plain('hostnossl all all 10.0.0.0 255.0.0.0 reject', 'host all all all scram-sha-256'),
      plain('host all all 127.0.0.1 255.255.255.255 scram-sha-256'),
    ]).toEqual([1, 0, 0, 1, 0]);
  });

  it('counts addresses: more than 65,536, or an IPv6 prefix below 48', () => {
    const wide = (...lines: string[]) =>
      messages(openToAllAddresses.findings(hba(...lines), contextOf(openToAllAddresses)));
    expect(wide('host all all 10.1.0.0 255.255.0.0 scram-sha-256')).toEqual([]);
    expect(wide('host all all 10.0.0.0 255.254.0.0 scram-sha-256')).toEqual([
      'warning: pg_hba.conf line 1 lets every role into every database from 10.0.0.0/15 by scram-sha-256.',
    ]);
    expect(wide('host shop app 10.0.0.0 255.0.0.0 scram-sha-256')).toEqual([
      'info: pg_hba.conf line 1 lets app into shop from 10.0.0.0/8 by scram-sha-256.',
    ]);
    expect(wide('host all all fe80:: ffff:ffff:ffff:: scram-sha-256')).toEqual([]);
    expect(wide('host all all fe80:: ffff:: scram-sha-256')).toHaveLength(1);
    expect(wide('host all all :: :: trust')).toEqual([
      'critical: pg_hba.conf line 1 lets every role into every database from every address by trust.',
    ]);
    expect(wide('host all all 10.0.0.0 255.0.0.0 reject', 'host all all .example.com scram-sha-256')).toEqual([]);
  });

  it('knows addresses: families, prefixes, mapped IPv4, and what loopback is', () => {
    const ranges = (line: string) => hba(line).flatMap((row) => rangesOf(row));
    expect(ranges('host all all ::ffff:10.0.0.1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff trust')).toEqual([
      { family: 6, base: 0xffff_0a00_0001n, mask: 2n ** 128n - 1n },
    ]);
    expect(ranges('host all all 127.0.0.0 255.0.0.0 trust').map(isLoopback)).toEqual([true]);
    expect(ranges('host all all 126.0.0.0 254.0.0.0 trust').map(isLoopback)).toEqual([false]);
    expect(['*', '0.0.0.0', 'localhost', '127.0.0.1,::1', '', 'localhost, 10.0.0.5'].map(listensBeyondItself)).toEqual([
      true,
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  it('takes a line with an error for none', () => {
    const rows = hba('host all all all reject', 'host all all all trust').map((row, at) =>
      at === 0 ? { ...row, type: null, error: 'invalid' } : row,
    );
    expect(effectiveRules(rows).map(({ row }) => row.line_number)).toEqual([2]);
  });
});

describe('calls in policies', () => {
  const calls = (expression: string, ...own: string[]) => callsPerRow(expression, own).map(({ text }) => text);

  it('T21: are none inside a subquery, however the server prints it', () => {
    expect(calls("(tenant = ( SELECT current_setting('app.tenant'::text) AS current_setting))")).toEqual([]);
    expect(calls("(id = ( SELECT (current_setting('a'::text, true))::integer AS current_setting))")).toEqual([]);
    expect(calls("(EXISTS ( SELECT 1\n   FROM m\n  WHERE (m.u = current_setting('a'::text))))")).toEqual([]);
    expect(calls('(id = ( SELECT auth.uid() AS uid))', 'uid')).toEqual([]);
  });

  it('are those with constants alone, and functions of users without arguments', () => {
    expect(calls("((tenant)::text = current_setting('app.tenant'::text, true))")).toEqual([
      "current_setting('app.tenant'::text, true)",
    ]);
    expect(calls("(note = current_setting(('app.'::text || name)))")).toEqual([]);
    expect(calls('((id = auth.uid()) AND (x = now()))', 'uid')).toEqual(['auth.uid()']);
    expect(calls('(id = "my ""f"""())', 'my "f"')).toEqual(['"my ""f"""()']);
    expect(calls("(note <> 'uid() (select'::text)", 'uid')).toEqual([]);
    expect(calls('(id = uid(other))', 'uid')).toEqual([]);
  });

  it('are wrapped one by one, and the rest of the text stays', () => {
    const wrapped = wrapCalls("((a = uid()) OR (b = current_setting('x'::text)) OR (c = 'uid()'::text))", ['uid']);
    expect(wrapped).toBe("((a = (select uid())) OR (b = (select current_setting('x'::text))) OR (c = 'uid()'::text))");
    expect(calls(wrapped, 'uid')).toEqual([]);
  });
});

describe('passwords', () => {
  function scram(name: string, password: string, iterations = 4096) {
    const salt = Buffer.from(`salt of ${name}`);
    const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
    const stored = createHash('sha256').update(createHmac('sha256', salted).update('Client Key').digest()).digest();
    return {
      role_name: name,
      bare_name: name,
      is_self: false,
      kind: 'scram' as const,
      is_name: false,
      is_empty: false,
      iterations,
      salt: salt.toString('base64'),
      fingerprint: createHash('sha256').update(stored).digest('hex'),
    };
  }

  it('in SCRAM are compared with the name, without the secret', async () => {
    const rows = (await guessablePassword.prepare?.([scram('eve', 'eve'), scram('bob', 'Bob')])) ?? [];
    const outcome = guessablePassword.findings(rows, contextOf(guessablePassword));
    expect(messages(outcome)).toEqual(['critical: The password of eve is its own name.']);
  });

  it('that would take too long are unknown, not fine', async () => {
    const costly = { ...scram('eve', 'eve', 1), iterations: 1_000_000 };
    const rows = (await guessablePassword.prepare?.([costly])) ?? [];
    expect(guessablePassword.findings(rows, contextOf(guessablePassword))).toMatchObject({
      kind: 'cannot-tell',
      reason: '1 SCRAM secrets would take too long to compare.',
    });
  });

  it('expire within two weeks, or have, and never only where others do', () => {
    const day = 86_400;
    const role = (name: string, days: number | null) => ({
      role_name: name,
      is_superuser: false,
      seconds_left: days === null ? null : days * day,
      was_never_valid: false,
      valid_until: days === null ? null : 'then',
    });
    const judge = (...rows: ReturnType<typeof role>[]) =>
      messages(passwordExpiry.findings(rows, contextOf(passwordExpiry, { facts: healthFacts({ isSuperuser: true }) })));
    expect(judge(role('a', null), role('b', null))).toEqual([]);
    expect(judge(role('a', 14.5), role('b', 13), role('c', -3))).toEqual([
      'warning: The password of b expires in 13 days: from then on it cannot log in by password.',
      'info: The password of c expired 3 days ago: it cannot log in by password.',
    ]);
    expect(judge(role('a', 100), role('b', null))).toEqual([
      'info: 1 of 2 logins have passwords that expire; the others never do: b.',
    ]);
  });
});

describe('superusers', () => {
  const row = {
    role_name: 'x',
    is_superuser: true,
    is_bootstrap: false,
    is_self: false,
    through: [],
    is_direct: null,
    grantor: null,
    options: null,
  };

  it('are fine while there is one, and are fixed by the membership that makes them', () => {
    expect(severalSuperusers.findings([row], contextOf(severalSuperusers))).toEqual([]);
    const rows = [
      row,
      {
        ...row,
        role_name: 'direct',
        is_superuser: false,
        through: ['boss'],
        is_direct: true,
        grantor: '"the boss"',
        options: ' with admin false, inherit true, set true',
      },
      { ...row, role_name: 'far', is_superuser: false, through: ['boss'], is_direct: false },
      {
        ...row,
        role_name: 'twice',
        is_superuser: false,
        through: ['boss', 'chief'],
        is_direct: true,
        options: '',
      },
    ];
    const outcome = severalSuperusers.findings(rows, contextOf(severalSuperusers));
    expect('kind' in outcome ? [] : outcome.map(({ fixSql }) => fixSql)).toEqual([
      'alter role x nosuperuser;',
      'revoke boss from direct granted by "the boss";',
      undefined,
      undefined,
    ]);
  });
});

describe('permissive policies', () => {
  const policy: PolicyRow = {
    table_oid: '1',
    table_name: 'app.t',
    is_enabled: true,
    policy_name: 'p',
    is_permissive: true,
    is_narrowed: false,
    is_used: true,
    command: 'r',
    roles: ['PUBLIC'],
    using_expression: 'true',
    check_expression: null,
    functions: [],
  };
  const judge = (...policies: Partial<PolicyRow>[]) =>
    messages(
      severalPermissivePolicies.findings(
        policies.map((different, at) => ({ ...policy, policy_name: `p${String(at)}`, ...different })),
        contextOf(severalPermissivePolicies),
      ),
    ).length;

  it('are several where command and role meet', () => {
    expect([
      judge({}, { command: '*' }),
      judge({}, { command: 'a' }),
      judge({ roles: ['a'] }, { roles: ['b'] }),
      judge({ roles: ['a', 'b'] }, { roles: ['b'] }),
      judge({}, { roles: ['b'] }),
      judge({}, { is_permissive: false }),
      judge({ is_enabled: false }, { is_enabled: false }),
    ]).toEqual([1, 0, 0, 1, 1, 0, 0]);
  });
});

describe('policies that are always true', () => {
  const judge = (command: PolicyRow['command'], using: string | null, check: string | null) =>
    messages(
      policyAlwaysTrue.findings(
        [
          {
            table_oid: '1',
            table_name: 'app.t',
            is_enabled: true,
            policy_name: 'p',
            is_permissive: true,
            is_narrowed: false,
            is_used: true,
            command,
            roles: ['PUBLIC'],
            using_expression: using,
            check_expression: check,
            functions: [],
          },
        ],
        contextOf(policyAlwaysTrue),
      ),
    ).map((message) => message.replace('warning: Policy p of app.t lets PUBLIC ', ''));
  const own = '(tenant = 1)';
  const moves = 'move its rows anywhere: WITH CHECK allows every row, USING does not.';

  it('are judged by USING for rows that are there, by WITH CHECK for rows that come', () => {
    expect([
      judge('*', 'true', own),
      judge('*', 'true', null),
      judge('*', own, 'true'),
      judge('*', null, 'true'),
      judge('*', own, null),
    ]).toEqual([
      ['update and delete every row.'],
      ['write every row.'],
      [`insert every row and ${moves}`],
      ['insert every row.'],
      [],
    ]);
    expect([
      judge('w', 'true', own),
      judge('w', own, 'true'),
      judge('w', null, 'true'),
      judge('w', own, own),
      judge('d', 'true', null),
      judge('d', own, null),
      judge('a', null, 'true'),
      judge('a', null, own),
      judge('r', 'true', null),
    ]).toEqual([['update every row.'], [moves], [], [], ['delete every row.'], [], ['insert every row.'], [], []]);
  });
});

describe('grants to PUBLIC', () => {
  it('on all tables of a schema are told once', () => {
    const rows = Array.from({ length: 21 }, (_, at) => ({
      kind: 'table' as const,
      object_oid: String(at),
      schema_name: 'app',
      object_name: `app.t${String(at)}`,
      privileges: 'INSERT, SELECT',
      privileges_sql: 'insert, select',
      other_grantors: null,
      can_write: true,
      is_reachable: true,
      logins: null,
    }));
    expect(messages(grantsToPublic.findings(rows, contextOf(grantsToPublic)))).toEqual([
      'warning: Every role has INSERT, SELECT on 21 tables of schema app.',
    ]);
    expect(messages(grantsToPublic.findings(rows.slice(1), contextOf(grantsToPublic)))).toHaveLength(20);
  });

  it('on a database are not taken from hundreds of logins by one click', () => {
    const fixOf = (count: number) => {
      const roles = Array.from({ length: count }, (_, at) => `app${String(at)}`);
      const outcome = grantsToPublic.findings(
        [
          {
            kind: 'database',
            object_oid: '1',
            schema_name: null,
            object_name: 'shop',
            privileges: 'CONNECT, TEMPORARY',
            privileges_sql: 'connect, temporary',
            other_grantors: null,
            can_write: false,
            is_reachable: true,
            logins: count === 0 ? null : [{ privilege: 'connect', roles }],
          },
        ],
        contextOf(grantsToPublic),
      );
      return 'kind' in outcome ? undefined : outcome[0]?.fixSql;
    };
    expect([fixOf(0), fixOf(2), fixOf(51)]).toEqual([
      'revoke connect, temporary on database shop from public;',
      'grant connect on database shop to app0, app1;\nrevoke connect, temporary on database shop from public;',
      undefined,
    ]);
  });
});

describe('settings', () => {
  function setting(name: string, value: string): SettingRow {
    return { name, setting: value, unit: null, shown: value, source: 'default', boot_val: value, context: 'sighup' };
  }

  it('that are hidden are unknown, and the GRANT is named', () => {
    const hidden = [setting('authentication_timeout', '61'), setting('listen_addresses', '*')];
    expect(passwordGuessing.findings(hidden, contextOf(passwordGuessing))).toMatchObject({
      kind: 'cannot-tell',
      unlockSql: 'grant pg_read_all_settings to app;',
      findings: [{ object: 'authentication_timeout' }],
    });
    const guarded = [...hidden, setting('shared_preload_libraries', '$libdir/auth_delay, "x.so"')];
    expect(messages(passwordGuessing.findings(guarded, contextOf(passwordGuessing)))).toHaveLength(1);
    expect(librariesOf('$libdir/auth_delay, "x.so"')).toEqual(['auth_delay', 'x']);
    const row = {
      extension_name: 'pgaudit',
      bare_name: 'pgaudit',
      version: '1',
      has_control_file: true,
      preloaded: null,
    };
    expect(extensionFilesMissing.findings([row], contextOf(extensionFilesMissing))).toMatchObject({
      kind: 'cannot-tell',
      unlockSql: 'grant pg_read_all_settings to app;',
    });
    const gone = { ...row, bare_name: 'mine', extension_name: 'mine', has_control_file: false };
    expect(messages(extensionFilesMissing.findings([gone], contextOf(extensionFilesMissing)))).toEqual([
      'warning: Extension mine 1 is installed in shop, but its files are not on the server.',
    ]);
  });

  it('of the log are set in the words of the version', () => {
    const rows = [
      setting('log_connections', ''),
      setting('log_disconnections', 'on'),
      setting('log_statement', 'none'),
    ];
    const fix = (versionNum: number) => {
      const outcome = connectionsNotLogged.findings(
        rows,
        contextOf(connectionsNotLogged, { facts: healthFacts({ versionNum }) }),
      );
      return 'kind' in outcome ? [] : outcome.map(({ fixSql }) => fixSql);
    };
    const ending = "alter system set log_statement = 'ddl';\nselect pg_catalog.pg_reload_conf();";
    expect([fix(180_000), fix(170_000)]).toEqual([
      [`alter system set log_connections = 'receipt,authentication,authorization';\n${ending}`],
      [`alter system set log_connections = 'on';\n${ending}`],
    ]);
    const audited = [...rows, setting('pgaudit.log', 'ddl')];
    expect(messages(connectionsNotLogged.findings(audited, contextOf(connectionsNotLogged)))).toEqual([
      'info: The log does not say who connects.',
    ]);
  });
});
