import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { temporaryFolder } from '../support/app.ts';
import { steward as run } from '../support/cli.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';

let server: TestServer;
let folder: string;
let url: string;
const sample = new URL('../../assets/sample/migrations', import.meta.url).pathname;

beforeAll(async () => {
  server = await startTestServer();
  await server.createDatabase('shop');
  await server.run(
    "create table item (id int primary key, name text); insert into item values (1, null), (2, e'two\\tlines'); create table line (item_id int references item (id))",
    'shop',
  );
  folder = await temporaryFolder();
  url = `postgresql://${server.user}@${server.host}:${server.port}/shop`;
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const steward = (args: readonly string[], more: { environment?: Record<string, string>; input?: string } = {}) =>
  run(args, { ...more, environment: { STEWARD_DATA_DIR: folder, PGPASSWORD: server.password, ...more.environment } });

describe('query', () => {
  it('answers values as PostgreSQL prints them, and 0', async () => {
    const result = await steward([
      'query',
      url,
      '--json',
      '-c',
      `select * from item order by id; update item set name = 'x' where id = 1`,
    ]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.json()).toEqual({
      results: [
        {
          command: 'SELECT',
          rowCount: 2,
          columns: [
            { name: 'id', type: 'integer' },
            { name: 'name', type: 'text' },
          ],
          rows: [
            ['1', null],
            ['2', 'two\tlines'],
          ],
        },
        { command: 'UPDATE', rowCount: 1, columns: [], rows: [] },
      ],
    });
  });

  it('ends with 4 and SQLSTATE when a statement fails, after printing what went before', async () => {
    const result = await steward(['query', url, '--json', '-c', 'select 1; select 1/0']);
    expect(result).toMatchObject({ code: 4, stderr: expect.stringContaining('22012') });
    expect(result.json<{ results: unknown[] }>().results).toHaveLength(1);
  });

  it('changes nothing with --read-only', async () => {
    const result = await steward([
      'query',
      url,
      '--read-only',
      '--accept-superuser',
      'a test server',
      '-c',
      `insert into item values (3, 'three')`,
    ]);
    expect(result).toMatchObject({ code: 4, stderr: expect.stringContaining('25006') });
    expect(await server.run('select count(*)::int as n from item', 'shop')).toEqual([{ n: 2 }]);
  });
});

describe('passwords', () => {
  it.each([
    ['PGPASSWORD', [], {}],
    ['env:NAME as the URL’s password', [], { PGPASSWORD: 'wrong', SECRET_OF_TEST: 'right' }],
    ['--password env:NAME', ['--password', 'env:SECRET_OF_TEST'], { PGPASSWORD: 'wrong', SECRET_OF_TEST: 'right' }],
  ])('come from %s', async (what, args, environment) => {
    const given = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, value === 'right' ? server.password : value]),
    );
    const target = what.includes('URL') ? url.replace('@', ':env:SECRET_OF_TEST@') : url;
    expect(await steward(['query', target, ...args, '-c', 'select 1'], { environment: given })).toMatchObject({
      code: 0,
    });
  });

  it('come from a pgpass file, unless it is open to others', async () => {
    const file = path.join(folder, 'pgpass');
    await writeFile(file, `${server.host}:${server.port}:*:${server.user}:${server.password}\n`, { mode: 0o600 });
    const environment = { PGPASSFILE: file };
    const withoutPassword = (args: string[]) =>
      run(args, { environment: { STEWARD_DATA_DIR: folder, ...environment } });
    expect(await withoutPassword(['query', url, '-c', 'select 1'])).toMatchObject({ code: 0 });
    await chmod(file, 0o644);
    expect(await withoutPassword(['query', url, '-c', 'select 1'])).toMatchObject({ code: 3 });
  });

  it('in a URL work as in psql, with a warning; on the command line by themselves they are refused', async () => {
    expect(await steward(['query', server.url('shop'), '-c', 'select 1'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Warning'),
    });
    expect(await steward(['query', url, '--password', 'plain', '-c', 'select 1'])).toMatchObject({ code: 2 });
  });
});

describe('exit codes', () => {
  it.each([
    [2, 'usage', ['query']],
    [2, 'an unknown command', ['dance']],
    [2, 'an unknown connection', ['query', 'nobody', '-c', 'select 1']],
    [2, 'a URL of something else', ['query', 'mysql://x', '-c', 'select 1']],
    [2, 'an unset variable', ['query', 'env:NOT_SET_ANYWHERE', '-c', 'select 1']],
    [3, 'nothing listens', ['query', 'postgresql://x@127.0.0.1:1/x', '-c', 'select 1']],
    [2, 'an unreadable plan', ['plan', 'analyze', '/nowhere/plan.txt']],
    [0, 'help', ['--help']],
    [0, 'version', ['--version']],
  ])('%i for %s', async (code, _, args) => {
    const result = await steward(args);
    expect(result.code).toBe(code);
    if (code > 0) expect(result.stderr.trim()).not.toBe('');
  });

  it('3 for a wrong password and a database that is not there', async () => {
    expect(await steward(['query', url, '-c', 'select 1'], { environment: { PGPASSWORD: 'wrong' } })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('password authentication failed'),
    });
    expect(await steward(['schema', url.replace('/shop', '/nowhere')])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('does not exist'),
    });
  });
});

describe('plan analyze', () => {
  const text = `Seq Scan on item  (cost=0.00..35.50 rows=2550 width=4) (actual time=0.010..2.500 rows=2 loops=1)\nPlanning Time: 0.05 ms\nExecution Time: 2.600 ms`;

  it('reads a file and standard input, in both spellings', async () => {
    const file = path.join(folder, 'plan.txt');
    await writeFile(file, text);
    const expected = {
      plans: [
        {
          format: 'text',
          planningMs: 0.05,
          executionMs: 2.6,
          nodes: [
            {
              id: 0,
              parentId: null,
              nodeType: 'Seq Scan',
              relation: 'item',
              loops: 1,
              planRows: 2550,
              actualRows: 2,
              selfMs: 2.5,
              totalMs: 2.5,
            },
          ],
          insights: expect.any(Array),
        },
      ],
    };
    expect((await steward(['plan', 'analyze', file, '--json'])).json()).toMatchObject(expected);
    expect((await steward(['plan', 'analyse', '-', '--json'], { input: text })).json()).toMatchObject(expected);
    expect(await steward(['plan', 'analyze', file])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('2.50 ms  Seq Scan on item'),
    });
  });

  it('ends with 2 for what is no plan, naming its place', async () => {
    expect(await steward(['plan', 'analyze', '-'], { input: 'hello' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('line 1'),
    });
    expect(await steward(['plan', 'analyze', '-'], { input: '' })).toMatchObject({ code: 2 });
  });
});

describe('health', () => {
  it('has the stable shape, and ends with 1 at findings as bad as --fail-on', async () => {
    const result = await steward(['health', url, '--json', '--fail-on', 'info', '--only', 'IDX07,SCH01']);
    expect(result.code).toBe(1);
    expect(result.json()).toMatchObject({
      server: expect.stringContaining('15.'),
      database: 'shop',
      checks: [
        { id: 'IDX07', group: 'indexes', status: expect.any(String), findings: expect.any(Array) },
        {
          id: 'SCH01',
          group: 'schema',
          status: 'finding',
          severity: 'warning',
          findings: [{ object: 'public.line', evidence: expect.any(Array), message: expect.any(String) }],
        },
      ],
    });
    expect(await steward(['health', url, '--fail-on', 'critical', '--only', 'SCH01'])).toMatchObject({ code: 0 });
    expect(await steward(['health', url, '--only', 'XYZ9'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('XYZ9'),
    });
    expect(await steward(['health', url, '--fail-on', 'sometimes'])).toMatchObject({ code: 2 });
  });

  it('writes every format, to stdout or to a file', async () => {
    const begins = { html: '<!doctype html>', markdown: '# Health of ', sarif: '{', junit: '<?xml', text: 'shop on' };
    for (const [format, beginning] of Object.entries(begins)) {
      const file = path.join(folder, `report.${format}`);
      const written = await steward(['health', url, '--only', 'SCH01', '--format', format, '--output', file]);
      expect(written).toMatchObject({ code: 0, stdout: '' });
      const text = await readFile(file, 'utf8');
      expect(text.startsWith(beginning)).toBe(true);
      expect(text).toContain('public.line');
      expect(text).not.toContain(server.password);
    }
    expect((await steward(['health', url, '--only', 'SCH01', '--format', 'junit'])).stdout).toMatch(/^<\?xml/);
    expect(await steward(['health', url, '--format', 'pdf'])).toMatchObject({ code: 2 });
    const nowhere = path.join(folder, 'no', 'folder', 'x.html');
    expect(await steward(['health', url, '--only', 'SCH01', '--output', nowhere])).toMatchObject({ code: 4 });
  });

  it('counts only what is new or worse since a baseline', async () => {
    const baseline = path.join(folder, 'baseline.json');
    const args = ['health', url, '--only', 'SCH01', '--fail-on', 'warning'];
    expect(await steward([...args, '--json', '--output', baseline])).toMatchObject({ code: 1 });
    expect(await steward([...args, '--baseline', baseline])).toMatchObject({ code: 0 });
    await server.run('create table public.another (a int)', 'shop');
    const later = await steward([...args, '--baseline', baseline]);
    await server.run('drop table public.another', 'shop');
    expect(later).toMatchObject({ code: 1, stdout: expect.stringContaining('public.another has no primary key') });
    expect(later.stdout).toContain('[new]');
    expect(await steward([...args, '--baseline', path.join(folder, 'report.junit')])).toMatchObject({ code: 2 });
    expect(await steward([...args, '--baseline', '/nowhere'])).toMatchObject({ code: 2 });
  });

  it('takes suppressions and thresholds from a shared file, and says what is suppressed', async () => {
    const rules = path.join(folder, 'rules.json');
    const rule = {
      id: 'a',
      check: 'SCH01',
      object: 'public.line',
      connectionId: null,
      reason: 'A staging table.',
      by: 'ada',
      at: '2026-01-01T00:00:00Z',
      until: null,
    };
    await writeFile(rules, JSON.stringify({ suppressions: [rule] }));
    const args = ['health', url, '--only', 'SCH01', '--fail-on', 'info', '--rules', rules];
    expect(await steward(args)).toMatchObject({ code: 0, stdout: expect.stringContaining('A staging table.') });
    await writeFile(rules, JSON.stringify({ suppressions: [{ ...rule, until: '2026-01-02T00:00:00Z' }] }));
    expect(await steward(args)).toMatchObject({ code: 1 });
    await writeFile(rules, '{"suppressions": 3}');
    expect(await steward(args)).toMatchObject({ code: 2, stderr: expect.stringContaining('no health rules') });
    expect(await steward(['health', url, '--threshold', 'IDX01.nothing=3'])).toMatchObject({ code: 2 });
  });
});

describe('backup', () => {
  it('writes a backup and tells of it', async () => {
    const to = path.join(folder, 'backups here');
    const result = await steward(['backup', url, '--to', to, '--json']);
    expect(result.code).toBe(0);
    const answer = result.json<{
      file: string;
      manifest: string;
      level: string;
      sizeBytes: number;
      durationMs: number;
    }>();
    expect(answer).toMatchObject({ level: 'readable', sizeBytes: expect.any(Number), durationMs: expect.any(Number) });
    expect(existsSync(answer.file) && existsSync(answer.manifest)).toBe(true);
    expect(await readdir(to)).toHaveLength(2);
  });

  it('ends with 2 for bad input and 4 for a folder that cannot be written', async () => {
    expect(await steward(['backup', url, '--to', folder, '--format', 'zip'])).toMatchObject({ code: 2 });
    const file = path.join(folder, 'a file');
    await writeFile(file, '');
    expect(await steward(['backup', url, '--to', path.join(file, 'below')])).toMatchObject({ code: 4 });
  });
});

describe('migrate and schema', () => {
  it('status creates nothing on the server; sql asks for trust', async () => {
    const status = await steward(['migrate', 'status', sample, '--url', url, '--json']);
    expect(status.json<{ entries: { name: string; state: string }[] }>().entries[0]).toMatchObject({
      name: '001_add_user_auth',
      state: 'pending',
    });
    expect(await server.run(`select relname from pg_class where relname like 'mikro%'`, 'shop')).toEqual([]);
    const own = path.join(folder, 'migrations');
    await mkdir(own);
    await writeFile(
      path.join(own, '001_x.ts'),
      `import { Migration } from '@mikro-orm/migrations';\nexport class X extends Migration { up() { this.addSql('select 1'); } }`,
    );
    expect(await steward(['migrate', 'sql', own, '--url', url, '--json'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('not trusted'),
    });
    const sql = await steward(['migrate', 'sql', own, '--url', url, '--trust', '--json']);
    expect(sql.json()).toMatchObject({ migrations: [{ name: '001_x', up: ['select 1'], reversible: false }] });
  });

  it('schema is the catalog as a value', async () => {
    const value = (await steward(['schema', url, '--json'])).json<{
      relations: { name: string }[];
      foreignKeys: { fromTable: string }[];
    }>();
    expect(value.relations.map(({ name }) => name)).toEqual(['item', 'line']);
    expect(value.foreignKeys).toMatchObject([{ fromTable: 'line', toTable: 'item', indexed: false }]);
  });
});

describe('the launcher', () => {
  const old = ['/usr/local/bin/node', '/usr/bin/node'].find((file) => existsSync(file));
  it.skipIf(old === undefined)(
    `runs itself under its own Node when an older one starts it${old === undefined ? ' (skipped: no other Node here)' : ''}`,
    async () => {
      const result = await run(['query', url, '-c', 'select 1 as one'], {
        node: old ?? '',
        environment: { STEWARD_DATA_DIR: folder, PGPASSWORD: server.password },
      });
      expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('one') });
    },
  );
});
