import { appendFile, readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HealthCheckResult, HealthReport } from '#contract/health-model.ts';
import { securityChecks } from '../../electron/services/health/checks/security/index.ts';
import { runHealthReport } from '../../electron/services/health/index.ts';
import { PgCatalogReader } from '../support/pg-catalog-reader.ts';
import { startTestServer, type TestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

const holes = new URL('health-security.sql', import.meta.url);
const ids = securityChecks.map((check) => check.id);

/** Below the lines of initdb, which let the machine itself in. */
const hbaRules = `
host      all          all     10.0.0.0/8      reject
host      all          all     10.1.2.3/32     trust
host      all          reader  172.16.0.0/12   md5
host      replication  copier  192.168.7.0/24  scram-sha-256
hostssl   replication  copier  192.168.8.0/24  scram-sha-256 clientcert=verify-full
host      app          reader  192.168.9.0 255.255.255.0 trust
host      all          all     0.0.0.0/0       scram-sha-256
`;

async function report(url: string, only: readonly string[] = ids): Promise<HealthReport> {
  await using reader = await PgCatalogReader.open(url);
  return await runHealthReport([reader], { only });
}

function checkOf(from: HealthReport, id: string): HealthCheckResult {
  const check = from.checks.find((candidate) => candidate.id === id);
  if (check === undefined) throw new Error(`no ${id}`);
  return check;
}

/** The objects that a check found, sorted; a check without findings answers with its status. */
function objects(from: HealthReport, id: string): string[] | string {
  const check = checkOf(from, id);
  return check.status === 'finding' ? check.findings.map((finding) => finding.object).toSorted() : check.status;
}

function messages(from: HealthReport, id: string): string[] {
  return checkOf(from, id)
    .findings.map(({ severity, message }) => `${severity}: ${message}`)
    .toSorted();
}

describe.each([13, 15, 18] as const)('security checks on PostgreSQL %i', (major) => {
  let server: TestServer;
  let found: HealthReport;
  let hbaFile: string;
  let firstRule: number;

  beforeAll(async () => {
    server = await startTestServer({ major, settings: { listen_addresses: '*' } });
    await server.createDatabase('secure');
    const [file] = await server.run('show hba_file');
    hbaFile = String(file?.['hba_file']);
    // The view reads the file as it is; what is in force stays as it was.
    firstRule = (await readFile(hbaFile, 'utf8')).split('\n').length + 1;
    await appendFile(hbaFile, hbaRules);
    await server.run(await readFile(holes, 'utf8'), 'secure');
    await server.run(
      `alter function app.in_c() owner to app_owner;
       do $$ begin execute format('alter role expires_soon valid until %L', now() + interval '3 days'); end $$;
       create role plain login password 'plain-long'; create role monitor login password 'monitor-long';
       grant pg_monitor to monitor`,
      'secure',
    );
    if (major >= 15) {
      await server.run(
        'create view app.as_reader with (security_invoker = true) as select id from app.guarded',
        'secure',
      );
    }
    if (major >= 18) {
      // Since 16 a grant says whether it lets one SET ROLE.
      await server.run(
        'create role harmless login; grant super_group to harmless with set false, inherit true;' +
          'grant pg_read_server_files to harmless with set false, inherit false',
        'secure',
      );
    }
    found = await report(server.url('secure'));
  }, 120_000);

  afterAll(async () => {
    await server.stop();
  });

  const asRole = (role: string) =>
    report(`postgresql://${role}:${role}-long@${server.host}:${String(server.port)}/secure`);
  const line = (offset: number): string => `pg_hba.conf line ${String(firstRule + offset)}`;

  it('no check fails', () => {
    expect(found.checks.filter(({ status }) => status === 'error')).toEqual([]);
  });

  it('finds roles that may too much', () => {
    expect(Object.fromEntries(['SEC01', 'SEC25', 'SEC26', 'SEC27'].map((id) => [id, objects(found, id)]))).toEqual({
      SEC01: ['role "Boss ""2"""', 'role climber', 'role far_climber'],
      SEC25: [
        'role file_group: pg_execute_server_program',
        'role file_reader: pg_read_server_files',
        'role program_runner: pg_execute_server_program',
      ],
      SEC26: ['role copier', 'role maker'],
      SEC27: ['roles without CONNECTION LIMIT'],
    });
    expect(messages(found, 'SEC01')).toContain(
      'warning: Role far_climber can log in and become the superuser super_group through other roles.',
    );
    expect(checkOf(found, 'SEC26').findings.map(({ severity }) => severity)).toEqual(
      major >= 16 ? ['info', 'info'] : ['warning', 'info'],
    );
  });

  it('finds passwords that are weak, and says nothing about those that are not', () => {
    expect(Object.fromEntries(['SEC04', 'SEC06', 'SEC07'].map((id) => [id, objects(found, id)]))).toEqual({
      SEC04: ['role old_hash', 'role same_md5'],
      SEC06: ['role expired', 'role expires_soon', 'roles without VALID UNTIL'],
      SEC07: ['role "same Scram"', 'role same_md5'],
    });
  });

  it('offers no fix that locks its own role out, and reads a date that is no date', async () => {
    await server.run(
      "create role own superuser login password 'own'; create role never login password 'x-y-z' valid until '-infinity';" +
        "create role always login password 'x-y-z' valid until 'infinity'",
    );
    const ids = ['SEC01', 'SEC06', 'SEC07'];
    const now = await report(`postgresql://own:own@${server.host}:${String(server.port)}/secure`, ids);
    const of = (from: HealthReport, id: string, object: string) =>
      checkOf(from, id).findings.filter((finding) => finding.object === object);
    for (const id of ['SEC01', 'SEC07']) {
      expect(of(now, id, 'role own').map(({ fixSql, undoSql }) => [fixSql, undoSql])).toEqual([[undefined, undefined]]);
      expect(of(now, id, 'role own')[0]?.caution).toContain('the role you are logged in as');
    }
    const other = await report(server.url('secure'), ids);
    expect(['SEC01', 'SEC07'].map((id) => of(other, id, 'role own')[0]?.fixSql)).toEqual([
      'alter role own nosuperuser;',
      'alter role own password null;',
    ]);
    expect(of(other, 'SEC06', 'role never').map(({ message, measure }) => [message, measure])).toEqual([
      ['The password of never was never valid: it cannot log in by password.', undefined],
    ]);
    expect(of(other, 'SEC06', 'roles without VALID UNTIL')[0]?.message).toMatch(/never do: .*always/);
    expect(objects(await asRole('monitor'), 'SEC06')).toContain('role never');
    await server.run('drop role own, never, always');
  });

  it('reads pg_hba.conf in order: the first rule that matches decides', () => {
    const everybody = '"Boss ""2""", steward_test';
    expect({
      SEC02: messages(found, 'SEC02'),
      SEC08: messages(found, 'SEC08'),
      SEC09: messages(found, 'SEC09'),
      SEC10: objects(found, 'SEC10'),
      SEC38: objects(found, 'SEC38'),
    }).toEqual({
      SEC02: [`critical: Superusers ${everybody} may connect from anywhere (${line(6)}, scram-sha-256).`],
      SEC08: [
        `critical: Line ${String(firstRule + 5)} of pg_hba.conf uses trust for host connections from 192.168.9.0/24: it lets everybody in without a password.`,
        `warning: Line ${String(firstRule + 2)} of pg_hba.conf uses md5 for host connections from 172.16.0.0/12: it accepts MD5, which is cheap to guess.`,
      ],
      SEC09: [
        `info: ${line(2)} lets reader into all from 172.16.0.0/12 by md5.`,
        `warning: ${line(6)} lets every role into every database from every address by scram-sha-256.`,
      ],
      // TLS is off: hostssl matches nobody.
      SEC10: [line(4)],
      SEC38: [line(3)],
    });
  });

  it('finds settings that let others in or keep no record', () => {
    expect(['SEC05', 'SEC11', 'SEC12', 'SEC31', 'SEC32'].map((id) => objects(found, id))).toEqual([
      'ok',
      ['ssl'],
      ['listen_addresses'],
      ['shared_preload_libraries'],
      ['log_connections, log_disconnections, log_statement'],
    ]);
  });

  it('T19: aggregates, C, bodies that are bound, and fixed paths need no search_path', async () => {
    const procedure = `app."do ""it"""(${major >= 14 ? 'IN ' : ''}x "char")`;
    expect(objects(found, 'SEC13')).toEqual([
      procedure,
      'app.audit()',
      'app.owned_definer()',
      'app.plain_definer(x integer)',
      'app.private_definer()',
    ]);
    expect(objects(found, 'SEC14')).toEqual([procedure, 'app.plain_definer(x integer)', 'hidden.definer()']);
    expect(messages(found, 'SEC14')).toContain(
      'info: Every role that may use schema hidden may call hidden.definer(), which runs as the superuser steward_test.',
    );
    if (major < 14) return;
    await server.run('create function app.bound() returns int security definer begin atomic select 1; end', 'secure');
    const after = await report(server.url('secure'), ['SEC13']);
    expect(objects(after, 'SEC13')).toEqual(objects(found, 'SEC13'));
    await server.run('drop function app.bound()', 'secure');
  });

  it('T20: finds views that pass by policies whatever any setting says, and only where the owner is exempt', () => {
    expect(objects(found, 'SEC15')).toEqual(['app.bypass', 'app.bypass_private', 'app.bypass_stored']);
    expect(checkOf(found, 'SEC15').findings.map(({ object, severity, fixSql }) => [object, severity, fixSql])).toEqual([
      ['app.bypass', 'warning', major >= 15 ? 'alter view app.bypass set (security_invoker = true);' : undefined],
      ['app.bypass_stored', 'warning', undefined],
      [
        'app.bypass_private',
        'info',
        major >= 15 ? 'alter view app.bypass_private set (security_invoker = true);' : undefined,
      ],
    ]);
  });

  it('finds policies that do not hold, hold too little, or too often', () => {
    expect(
      Object.fromEntries(['SEC16', 'SEC17', 'SEC18', 'SEC19', 'SEC20', 'SEC21'].map((id) => [id, objects(found, id)])),
    ).toEqual({
      SEC16: ['app.not_in_force', 'app.parted_1'],
      SEC17: ['app.closed', 'app.guarded_secrets'],
      SEC18: ['app.wide_open'],
      SEC19: ['app.guarded', 'app.several', 'app.wide_open'],
      SEC20: ['app."per ""row"""', 'app.guarded'],
      SEC21: ['app.owned_by_login', 'role bypasser'],
    });
  });

  it('T13: BYPASSRLS is read from the roles, and told only where there are policies', async () => {
    expect(messages(found, 'SEC21')).toContain(
      'info: Role bypasser can log in and has BYPASSRLS: the policies of 11 tables do not apply to it.',
    );
    expect(objects(await report(server.url(), ['SEC21']), 'SEC21')).toBe('ok');
  });

  it('T21: a call that the fix puts into a subquery is not found again', async () => {
    const { findings } = checkOf(found, 'SEC20');
    for (const { fixSql } of findings) await server.run(fixSql ?? '', 'secure');
    expect(objects(await report(server.url('secure'), ['SEC20']), 'SEC20')).toBe('ok');
    for (const { undoSql } of findings) await server.run(undoSql ?? '', 'secure');
    expect(messages(await report(server.url('secure'), ['SEC20']), 'SEC20')).toEqual(messages(found, 'SEC20'));
  });

  it('finds rights of everybody, and of those who only read', () => {
    expect(
      Object.fromEntries(
        ['SEC03', 'SEC22', 'SEC23', 'SEC24', 'SEC29', 'SEC30', 'SEC33', 'SEC34', 'SEC35', 'SEC37'].map((id) => [
          id,
          objects(found, id),
        ]),
      ),
    ).toEqual({
      SEC03: major >= 15 ? ['schema open_schema'] : ['schema open_schema', 'schema public'],
      SEC22: [
        'app."Public Seq"',
        'app.cards',
        'app.guarded_secrets',
        'app.public_table',
        'database secure',
        'hidden.out_of_reach',
        'hidden.secrets',
      ],
      SEC23: ['default privileges of app_owner in schema app: tables'],
      SEC24: ['language c', 'language unsafe'],
      SEC29: ['extension pg_trgm'],
      SEC30: ['extension pg_stat_statements'],
      SEC33: ['app.accounts', 'app.cards'],
      SEC34: ['server "far ""1"""', 'server "far ""1""": PUBLIC', 'server "far ""1""": password_required'],
      SEC35: ['role steward_test'],
      SEC37: ['event trigger watched'],
    });
    expect(messages(found, 'SEC33')).toEqual([
      'info: Column "passwordHash" of app.accounts can be read by reports, who only reads the table.',
      'warning: Column cvv of app.cards can be read by every role.',
    ]);
  });

  it('T14: nothing is said about roles that have not logged in, which no catalog knows', () => {
    expect(found.checks.map(({ id }) => id)).not.toContain('SEC36');
    const about = found.checks.flatMap(({ id, findings }) =>
      findings.filter(({ object }) => object.endsWith('nobody_special')).map(() => id),
    );
    expect(about).toEqual([]);
  });

  it('says "cannot tell" where rights are missing, and which GRANT would change that', async () => {
    for (const role of ['plain', 'monitor']) {
      const restricted = await asRole(role);
      const hidden = restricted.checks
        .filter(({ reason, status }) => reason !== undefined || status === 'error')
        .map(({ id, status, unlockSql }) => [id, status, unlockSql ?? '']);
      const hba = `grant select on pg_catalog.pg_hba_file_rules to ${role};\ngrant execute on function pg_catalog.pg_hba_file_rules() to ${role};`;
      const settings = role === 'plain' ? `grant pg_read_all_settings to ${role};` : undefined;
      expect(hidden).toEqual(
        [
          ['SEC02', 'skipped', hba],
          ['SEC04', 'skipped', ''],
          ['SEC07', 'skipped', ''],
          ['SEC08', 'skipped', hba],
          ['SEC09', 'skipped', hba],
          ['SEC10', 'skipped', hba],
          ...(settings === undefined
            ? []
            : [
                ['SEC30', 'skipped', settings],
                ['SEC31', 'skipped', settings],
              ]),
          ['SEC34', 'finding', ''],
          ['SEC38', 'skipped', hba],
        ].toSorted(),
      );
      const open = ids.filter((id) => !hidden.some(([skipped]) => skipped === id) && id !== 'SEC06');
      expect(open.map((id) => [id, objects(restricted, id)])).toEqual(open.map((id) => [id, objects(found, id)]));
    }
  });

  it('the two grants on pg_hba_file_rules are enough', async () => {
    const { unlockSql = '' } = checkOf(await asRole('monitor'), 'SEC08');
    await server.run(unlockSql, 'secure');
    const unlocked = await asRole('monitor');
    expect(['SEC02', 'SEC08', 'SEC38'].map((id) => objects(unlocked, id))).toEqual(
      ['SEC02', 'SEC08', 'SEC38'].map((id) => objects(found, id)),
    );
    await server.run(
      'revoke select on pg_hba_file_rules from monitor; revoke execute on function pg_hba_file_rules() from monitor',
      'secure',
    );
  });

  it('T28: fixes run with names of every kind, the finding goes, and undo brings it back', async () => {
    const notHere = ['SEC11', 'SEC31'];
    const fixable = found.checks.filter(
      ({ id, findings }) => !notHere.includes(id) && findings.some(({ undoSql }) => undoSql !== undefined),
    );
    expect(fixable.map(({ id }) => id)).toEqual([
      'SEC01',
      'SEC03',
      'SEC13',
      'SEC14',
      ...(major >= 15 ? ['SEC15'] : []),
      'SEC16',
      'SEC20',
      'SEC21',
      'SEC22',
      'SEC23',
      'SEC25',
      'SEC26',
      'SEC32',
      'SEC37',
    ]);
    const run = async (sql: string) => {
      for (const statement of sql.split(/(?<=;)\n/)) await server.run(statement, 'secure');
    };
    for (const { id, findings } of fixable) {
      const fixed = findings.filter(({ undoSql }) => undoSql !== undefined);
      const isFixed = async () => {
        const now = messages(await report(server.url('secure'), [id]), id);
        return fixed.every(({ severity, message }) => !now.includes(`${severity}: ${message}`));
      };
      const isBack = async () =>
        JSON.stringify(messages(await report(server.url('secure'), [id]), id)) === JSON.stringify(messages(found, id));
      for (const { fixSql } of fixed) await run(fixSql ?? '');
      await until(isFixed, `${id} is fixed`, 5000);
      for (const { undoSql } of fixed.toReversed()) await run(undoSql ?? '');
      await until(isBack, `${id} is undone`, 5000);
    }
    await run(
      checkOf(found, 'SEC07')
        .findings.map(({ fixSql }) => fixSql)
        .join('\n'),
    );
    expect(objects(await report(server.url('secure'), ['SEC07']), 'SEC07')).toBe('ok');
  }, 60_000);

  it('reads the half of a policy that decides, columns, grantors, groups and options of grants', async () => {
    await server.createDatabase('halves');
    const run = async (sql: string) => {
      for (const statement of sql.split(/(?<=;)\n/)) await server.run(statement, 'halves');
    };
    await run(`create schema app; grant usage on schema app to public;
create table app.all_using (id int, tenant int); alter table app.all_using enable row level security;
create policy p on app.all_using using (true) with check (tenant = 1);
create table app.update_using (id int, tenant int); alter table app.update_using enable row level security;
create policy p on app.update_using for update using (true) with check (tenant = 1);
create table app.update_check (id int, tenant int); alter table app.update_check enable row level security;
create policy p on app.update_check for update using (tenant = 1) with check (true);
create table app.restricted (id int); alter table app.restricted enable row level security;
create policy p on app.restricted as restrictive using (true);
create table app.by_column (v int, "Odd V" int); grant update (v, "Odd V"), select on app.by_column to public;
create role passing nologin; create table app.passed_on (v int);
grant select on app.passed_on to passing with grant option;
set role passing; grant select on app.passed_on to public; reset role;
create role ro nologin; create role analyst login; create role unrelated login; grant ro to analyst;
create table app.users (id int, password text); grant select on app.users to ro;
create role adm login; create role adm_group nologin;`);
    await run(
      major >= 16
        ? 'grant pg_execute_server_program to adm with admin true, inherit false, set false;\ngrant super_group to adm with admin true, inherit false, set true;'
        : 'grant pg_execute_server_program to adm with admin option;\ngrant super_group to adm with admin option;',
    );
    const url = server.url('halves');
    const now = await report(url);
    const told = (from: HealthReport, id: string) => messages(from, id).filter((message) => message.includes('app.'));
    expect(['SEC17', 'SEC18', 'SEC22', 'SEC33'].map((id) => told(now, id))).toEqual([
      [
        'info: Table app.restricted has row level security and no permissive policy: roles other than its owner see no rows.',
      ],
      [
        'warning: Policy p of app.all_using lets PUBLIC update and delete every row, once somebody but the owner is granted that.',
        'warning: Policy p of app.update_check lets PUBLIC move its rows anywhere: WITH CHECK allows every row, USING does not, once somebody but the owner is granted that.',
        'warning: Policy p of app.update_using lets PUBLIC update every row, once somebody but the owner is granted that.',
      ],
      [
        'info: Every role has SELECT on table app.passed_on.',
        'warning: Every role has SELECT, UPDATE (v, "Odd V") on table app.by_column.',
      ],
      ['info: Column password of app.users can be read by analyst, who only reads the table.'],
    ]);
    const ofGrantor = checkOf(now, 'SEC22').findings.find(({ object }) => object === 'app.passed_on');
    expect(ofGrantor?.fixSql).toBeUndefined();
    expect(ofGrantor?.caution).toContain('Granted by passing');
    const grants = () =>
      server.run(
        `select m.* from pg_auth_members m join pg_roles r on r.oid = m.member where r.rolname = 'adm' order by roleid`,
        'halves',
      );
    const withoutOid = (rows: readonly Record<string, unknown>[]) => rows.map((row) => ({ ...row, oid: 0 }));
    const before = await grants();
    for (const [id, object] of [
      ['SEC01', 'role adm'],
      ['SEC22', 'app.by_column'],
      ['SEC25', 'role adm: pg_execute_server_program'],
    ] as const) {
      const finding = checkOf(now, id).findings.find((candidate) => candidate.object === object);
      await run(finding?.fixSql ?? `no fix of ${id}`);
      expect(objects(await report(url, [id]), id)).not.toContain(object);
      await run(finding?.undoSql ?? `no undo of ${id}`);
      expect(messages(await report(url, [id]), id)).toEqual(messages(now, id));
    }
    expect(withoutOid(await grants())).toEqual(withoutOid(before));
    await run('drop owned by passing, ro, adm cascade;\ndrop role passing, ro, analyst, unrelated, adm, adm_group;');
  });

  it('tells a line of pg_hba.conf that cannot be read, and is less sure of the rest', async () => {
    await appendFile(hbaFile, 'host all all nonsense/99 scram-sha-256\n');
    const after = await report(server.url('secure'), ['SEC02', 'SEC10']);
    expect(objects(after, 'SEC10')).toEqual([line(4), line(7)].toSorted());
    expect(checkOf(after, 'SEC02').findings.map(({ confidence }) => confidence)).toEqual(['medium']);
  });
});
