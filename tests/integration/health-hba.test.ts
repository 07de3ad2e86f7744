import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HealthReport } from '#contract/health-model.ts';
import { CertificateMaker } from '../support/certificates.ts';
import { answers, ask, checkOf, createRoles, urlOf } from '../support/health-questions.ts';
import { startTestServer, type TestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

const ids = ['SEC02', 'SEC08', 'SEC09', 'SEC10', 'SEC38'];

/** Writes the file, and others beside it; the view reads them as they are, what is in force stays. */
async function writeRules(
  server: TestServer,
  lines: readonly string[],
  others: Readonly<Record<string, string>> = {},
): Promise<void> {
  const [row] = await server.run('show hba_file');
  const main = String(row?.['hba_file']);
  for (const [name, text] of Object.entries(others)) {
    const file = path.resolve(path.dirname(main), name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { mode: 0o644 });
  }
  await writeFile(main, lines.map((line) => `${line}\n`).join(''));
}

async function judge(
  server: TestServer,
  lines: readonly string[],
  others?: Readonly<Record<string, string>>,
): Promise<HealthReport> {
  await writeRules(server, lines, others);
  return await ask(server.url(), ids);
}

/** `critical: …`, in the order of the report; lower confidence stands behind. */
function messages(report: HealthReport, id: string): string[] {
  return checkOf(report, id).findings.map(
    ({ severity, message, confidence }) =>
      `${severity}: ${message}${confidence === undefined || confidence === 'high' ? '' : ` (${confidence})`}`,
  );
}

/** What the checks say of a line: `SEC08 critical`. */
function severitiesOf(report: HealthReport, object: string): string[] {
  return report.checks.flatMap((check) =>
    check.findings
      .filter((finding) => finding.object === object)
      .map((finding) => `${check.id} ${finding.severity}${finding.confidence === 'low' ? ', unsure' : ''}`),
  );
}

describe.each([13, 15, 16, 18] as const)('pg_hba.conf on PostgreSQL %i', (major) => {
  let maker: CertificateMaker;
  let server: TestServer;

  beforeAll(async () => {
    maker = await CertificateMaker.create();
    const authority = maker.make('authority', { commonName: 'Test authority', authority: true });
    const pair = await maker.forServer(
      'server-in-use',
      maker.make('server', { commonName: 'server', issuer: authority }),
    );
    server = await startTestServer({
      major,
      settings: {
        listen_addresses: '*',
        ssl: 'on',
        ssl_cert_file: pair.cert,
        ssl_key_file: pair.key,
        ssl_ca_file: authority.cert,
      },
    });
    await createRoles(server);
    await server.run(
      `create role dba_x superuser login password 'x'; create role "/odd" superuser login;
       create role dbas; grant dbas to dba_x`,
    );
    await server.createDatabase('shop');
  }, 120_000);

  afterAll(async () => {
    await server.stop();
  });

  describe('regular expressions', () => {
    it.runIf(major >= 16)('are matched as the server matches them (since 16)', async () => {
      const rule = (user: string, database = 'all') => [`hostssl ${database} ${user} 0.0.0.0/0 scram-sha-256`];
      const who = async (lines: readonly string[]) =>
        checkOf(await judge(server, lines), 'SEC02').findings.map(({ evidence }) => evidence[0]?.value);
      expect([
        await who(rule('"/^[[:alpha:]_]+$"')),
        await who(rule('"/(?i)^DBA_X$"')),
        await who(rule(String.raw`"/\mdba"`)),
        await who(rule('"/^(?<name>dba)"')),
        await who(rule('"/odd"')),
        await who(rule('/nobody')),
      ]).toEqual([['dba_x, steward_test'], ['dba_x'], ['dba_x'], [], ['"/odd"'], []]);
    });

    it.runIf(major >= 16)('let in whom the check names (since 16)', async () => {
      await writeRules(server, [
        'local all all trust',
        `host all steward_test 127.0.0.1/32 scram-sha-256`,
        String.raw`host all "/(?i)\mDBA" 127.0.0.1/32 trust`,
        'host all all 127.0.0.1/32 scram-sha-256',
      ]);
      await server.run('select pg_reload_conf()');
      const enters = async (user: string) => {
        const client = new pg.Client({ host: server.host, port: server.port, database: 'shop', user });
        client.on('error', () => {});
        try {
          await client.connect();
          return true;
        } catch {
          return false;
        } finally {
          await client.end().catch(() => {});
        }
      };
      await until(async () => await enters('dba_x'));
      expect(await enters('plain')).toBe(false);
    });

    it.runIf(major < 16)('are plain names before 16', async () => {
      const report = await judge(server, [
        'hostssl all "/.*" 0.0.0.0/0 scram-sha-256',
        'hostssl all "/odd" 10.0.0.0/24 scram-sha-256',
      ]);
      expect(messages(report, 'SEC02')).toEqual([
        'warning: Superuser "/odd" may connect from 10.0.0.0/24 (pg_hba.conf line 2, scram-sha-256).',
      ]);
      const rejected = await judge(server, ['host "/.*" "/.*" all reject', 'hostssl all all 0.0.0.0/0 trust']);
      expect(severitiesOf(rejected, 'pg_hba.conf line 2')).toEqual([
        'SEC02 critical',
        'SEC08 critical',
        'SEC09 critical',
      ]);
    });

    it.runIf(major >= 16)('shadow the lines behind them (since 16)', async () => {
      const open = 'hostssl all all 0.0.0.0/0 trust';
      for (const reject of [
        'host "/.*" all all reject',
        'host all "/.*" all reject',
        'host "/^(postgres|shop|template1)$" "/." all reject',
        'host shop,"/.*" dba_x,"/.*" all reject',
      ])
        expect([reject, answers(await judge(server, [reject, open]))]).toEqual([
          reject,
          { SEC02: 'ok', SEC08: 'ok', SEC09: 'ok', SEC10: 'ok', SEC38: 'ok' },
        ]);
      expect(
        severitiesOf(await judge(server, ['host "/^shop$" "/.*" all reject', open]), 'pg_hba.conf line 2'),
      ).toEqual(['SEC02 critical', 'SEC08 critical', 'SEC09 critical']);
      // A pattern never names a replication connection.
      const replication = await judge(server, ['host "/.*" all all reject', 'host replication all 10.0.0.0/24 trust']);
      expect(severitiesOf(replication, 'pg_hba.conf line 2')).toContain('SEC38 info');
    });

    it.runIf(major >= 16)('say every role and every database where they match all of them (since 16)', async () => {
      expect(messages(await judge(server, ['hostssl "/.*" "/.*" 0.0.0.0/0 scram-sha-256']), 'SEC09')).toEqual([
        'warning: pg_hba.conf line 1 lets every role into every database from every address by scram-sha-256.',
      ]);
    });

    it.runIf(major >= 16)('that cannot be compared give no critical (since 16)', async () => {
      const report = await judge(server, ['hostssl all "/^d" all reject', 'hostssl all "/^db" 0.0.0.0/0 trust']);
      expect(severitiesOf(report, 'pg_hba.conf line 2')).toEqual(['SEC08 warning, unsure', 'SEC09 warning, unsure']);
    });
  });

  it('takes lines in front together', async () => {
    const open = 'hostssl all all 0.0.0.0/0 trust';
    const halves = ['host all all 0.0.0.0/1 reject', 'host all all 128.0.0.0/1 reject'];
    expect(severitiesOf(await judge(server, [...halves, open]), 'pg_hba.conf line 3')).toEqual([]);
    expect(severitiesOf(await judge(server, [...halves.slice(0, 1), open]), 'pg_hba.conf line 2')).toEqual([
      'SEC02 critical',
      'SEC08 critical',
      'SEC09 critical',
    ]);
    const users = ['host all plain all reject', 'host all monitor all reject', 'hostssl all plain,monitor all trust'];
    expect(severitiesOf(await judge(server, users), 'pg_hba.conf line 3')).toEqual([]);
  });

  it('knows who is in a group', async () => {
    const behind = async (...lines: string[]) =>
      severitiesOf(await judge(server, lines), `pg_hba.conf line ${String(lines.length)}`);
    expect([
      await behind('host all +dbas all reject', 'hostssl all dba_x,plain 10.0.0.0/24 trust'),
      await behind('host all +dbas all reject', 'hostssl all dba_x 10.0.0.0/24 trust'),
      await behind('host all +pg_monitor all reject', 'hostssl all monitor 10.0.0.0/24 trust'),
      await behind('host all +dbas all reject', 'hostssl all +pg_monitor 10.0.0.0/24 trust'),
      await behind('host all plain all reject', 'hostssl all +pg_monitor 10.0.0.0/24 trust'),
    ]).toEqual([['SEC08 critical'], [], [], ['SEC08 warning, unsure'], ['SEC08 critical']]);
  });

  it('is less sure of a line that names of hosts may shadow', async () => {
    const open = 'hostssl all all db.example.com trust';
    const behind = async (...lines: string[]) =>
      severitiesOf(await judge(server, lines), `pg_hba.conf line ${String(lines.length)}`);
    expect([
      await behind('host all all .example.com reject', open),
      await behind('host all all .example.org reject', open),
      await behind('host all all 10.0.0.0/8 reject', open),
      await behind('host all all 127.0.0.1/32 reject', open),
      await behind('host all all .example.com reject', 'hostssl all all 10.0.0.0/16 trust'),
      await behind('host all all .example.com reject', 'hostssl all all 0.0.0.0/0 trust'),
      await behind('host all all db.example.com reject', 'hostssl all all 10.0.0.0/16 trust'),
      await behind('host all all db.example.com reject', 'hostssl all all 10.0.0.5/32 trust'),
      await behind('host all all localhost reject', 'hostssl all all 10.0.0.5/32 trust'),
      await behind('host all all samehost reject', 'hostssl all all samenet trust'),
      await behind('host all all samenet reject', 'hostssl all all 10.0.0.0/16 trust'),
    ]).toEqual([
      [],
      ['SEC02 warning', 'SEC08 critical'],
      ['SEC02 warning, unsure', 'SEC08 warning, unsure'],
      ['SEC02 warning', 'SEC08 critical'],
      ['SEC02 warning, unsure', 'SEC08 warning, unsure'],
      ['SEC02 critical', 'SEC08 critical', 'SEC09 critical'],
      ['SEC02 warning', 'SEC08 critical'],
      ['SEC02 warning, unsure', 'SEC08 warning, unsure'],
      ['SEC02 warning', 'SEC08 critical'],
      ['SEC02 warning', 'SEC08 critical'],
      ['SEC02 warning, unsure', 'SEC08 warning, unsure'],
    ]);
  });

  it('reads a mask with holes as the server does', async () => {
    const report = await judge(server, [
      'hostssl all all 10.0.0.5 0.0.0.255 reject',
      'hostssl all all 10.0.0.0/8 trust',
      'hostssl all all 11.0.0.5/32 trust',
      'hostssl all plain 12.0.0.6 255.0.0.255 trust',
    ]);
    expect(messages(report, 'SEC08')).toEqual([
      'critical: Line 2 of pg_hba.conf uses trust for hostssl connections from 10.0.0.0/8: it lets everybody in without a password.',
      'critical: Line 4 of pg_hba.conf uses trust for hostssl connections from 12.0.0.6 with mask 255.0.0.255: it lets everybody in without a password.',
    ]);
  });

  it('knows which certificate a line demands', async () => {
    const report = await judge(server, [
      'hostssl all all 10.0.0.0/8 trust clientcert=verify-ca',
      'hostssl all all 11.0.0.0/8 trust clientcert=verify-full',
      'hostssl all all 12.0.0.0/8 password clientcert=verify-ca',
      'hostssl replication all 13.0.0.0/24 scram-sha-256 clientcert=verify-ca',
      'hostssl replication all 14.0.0.0/24 scram-sha-256',
      'hostssl all all 0.0.0.0/0 trust clientcert=verify-ca',
    ]);
    expect(Object.fromEntries(ids.map((id) => [id, messages(report, id)]))).toEqual({
      SEC02: expect.arrayContaining([
        'warning: Superusers "/odd", dba_x, steward_test may connect from 10.0.0.0/8 (pg_hba.conf line 1, any client certificate of the CA).',
        'info: Superusers "/odd", dba_x, steward_test may connect from 11.0.0.0/8 (pg_hba.conf line 2, a client certificate in the name of the role).',
      ]) as string[],
      SEC08: [
        'warning: Line 1 of pg_hba.conf uses trust for hostssl connections from 10.0.0.0/8: it lets in whoever has a client certificate of the CA, as any of its roles.',
        'warning: Line 6 of pg_hba.conf uses trust for hostssl connections from 0.0.0.0/0: it lets in whoever has a client certificate of the CA, as any of its roles.',
        'info: Line 3 of pg_hba.conf uses password for hostssl connections from 12.0.0.0/8: it hands the password itself to the server, though only from whoever has a client certificate of the CA.',
      ],
      SEC09: [
        'warning: pg_hba.conf line 1 lets every role into every database from 10.0.0.0/8 by any client certificate of the CA.',
        'warning: pg_hba.conf line 2 lets every role into every database from 11.0.0.0/8 by a client certificate in the name of the role.',
        'warning: pg_hba.conf line 3 lets every role into every database from 12.0.0.0/8 by password and any client certificate of the CA.',
        'warning: pg_hba.conf line 6 lets every role into every database from every address by any client certificate of the CA.',
      ],
      SEC10: [],
      SEC38: ['info: pg_hba.conf line 5 lets all replicate from 14.0.0.0/24 without a client certificate.'],
    });
  });

  it('tells of a line that the server rejects without a word', async () => {
    const report = await judge(server, [
      'hostssl all all 10.0.0.0/24 scram-sha-256 clientcert=maybe',
      'hostssl all all 0.0.0.0/0 trust',
    ]);
    expect(checkOf(report, 'SEC10').findings.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      'warning: pg_hba.conf line 1 cannot be read (the server does not say why): the server keeps the rules that it had, and will not start with this file.',
    ]);
    expect(checkOf(report, 'SEC02').findings.map(({ confidence }) => confidence)).toEqual(['medium']);
  });

  it.runIf(major >= 16)('tells included files apart, whoever asks (since 16)', async () => {
    const elsewhere = path.join(maker.folder, 'pg_hba.conf');
    const files = {
      'a/pg_hba.conf': 'hostssl all all 10.0.0.0/8 trust\n',
      'b/pg_hba.conf': 'hostssl all all 11.0.0.0/8 trust\n',
      [elsewhere]: 'hostssl all all 12.0.0.0/8 trust\n',
    };
    const report = await judge(
      server,
      [
        'include a/pg_hba.conf',
        'include b/pg_hba.conf',
        `include ${elsewhere}`,
        'hostssl all all 13.0.0.0/8 trust',
        'host all all 127.0.0.1/32 scram-sha-256',
      ],
      files,
    );
    const objects = [
      'a/pg_hba.conf line 1',
      'b/pg_hba.conf line 1',
      `${elsewhere} line 1`,
      'pg_hba.conf line 4',
    ].toSorted();
    expect(
      checkOf(report, 'SEC08')
        .findings.map(({ object }) => object)
        .toSorted(),
    ).toEqual(objects);
    expect(messages(report, 'SEC08')).toContain(
      'critical: a/pg_hba.conf line 1 uses trust for hostssl connections from 10.0.0.0/8: it lets everybody in without a password.',
    );
    // A role that may not see where the main file is names several files by their whole paths, and one by its name.
    const asPlain = async () => checkOf(await ask(urlOf(server, 'plain'), ['SEC08']), 'SEC08');
    await server.run((await asPlain()).unlockSql ?? 'no grant');
    const [row] = await server.run("select regexp_replace(current_setting('hba_file'), '[^/]*$', '') as folder");
    const whole = objects.map((object) => (object.startsWith('/') ? object : `${String(row?.['folder'])}${object}`));
    expect((await asPlain()).findings.map(({ object }) => object).toSorted()).toEqual(whole.toSorted());
    await writeRules(server, ['hostssl all all 13.0.0.0/8 trust']);
    expect((await asPlain()).findings.map(({ object }) => object)).toEqual(['pg_hba.conf line 1']);
  });
});

describe('a server that listens to its own machine alone', () => {
  it('is not told to turn TLS on for others', async () => {
    await using server = await startTestServer({ settings: { listen_addresses: '127.0.0.1,127.0.0.2' } });
    expect(messages(await ask(server.url(), ['SEC11']), 'SEC11')).toEqual([
      'info: TLS is off; the server listens to its own machine only.',
    ]);
  });
});

describe('log_connections of PostgreSQL 18', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ major: 18 });
    await server.run('alter system set log_disconnections = on');
    await server.run("alter system set log_statement = 'ddl'");
  }, 120_000);
  afterAll(async () => {
    await server.stop();
  });

  async function answer(value: string) {
    await server.run(`alter system set log_connections = '${value}'`);
    await server.run('select pg_reload_conf()');
    await until(async () => {
      const [row] = await server.run('show log_connections');
      return row?.['log_connections'] === value;
    });
    return checkOf(await ask(server.url(), ['SEC32']), 'SEC32');
  }

  it('names a user only in some of its stages', async () => {
    const silent = ['', 'no', 'off', 'false', '0', 'receipt', 'setup_durations', 'receipt, setup_durations'];
    const telling = ['on', 'true', 'yes', '1', 'all', 'authentication', 'receipt, Authorization'];
    const found: Record<string, string> = {};
    for (const value of [...silent, ...telling]) found[value] = (await answer(value)).status;
    expect(found).toEqual(
      Object.fromEntries([...silent.map((value) => [value, 'finding']), ...telling.map((value) => [value, 'ok'])]),
    );
  });

  it('keeps the stages that were chosen', async () => {
    const [finding] = (await answer('setup_durations')).findings;
    expect(finding?.message).toBe('The log does not say who connects.');
    expect(finding?.fixSql).toContain(
      "alter system set log_connections = 'receipt,authentication,authorization,setup_durations';",
    );
  });
});
