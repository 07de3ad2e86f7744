import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HealthFinding } from '#contract/health-model.ts';
import { ask, checkOf, createRoles, urlOf, type Role } from '../support/health-questions.ts';
import { startTestServer, type ServerMajor, type TestServer } from '../support/postgres-server.ts';

const majors: readonly ServerMajor[] = [13, 15, 18];

/** Where rights meet in ways that a simple look at the catalog takes for something else. */
describe.each(majors)('rights and their edges on PostgreSQL %i', (major) => {
  let server: TestServer;
  let databases = 0;
  beforeAll(async () => {
    server = await startTestServer({ major });
    await createRoles(server);
    await server.run(
      'create role app; create role bob login; create role boss superuser; create role chief superuser; create role reads login',
    );
  });
  afterAll(async () => {
    await server.stop();
  });

  async function databaseWith(sql: string) {
    databases += 1;
    const name = `edge${String(databases)}`;
    await server.createDatabase(name);
    const run = (text: string) => server.run(text, name);
    await run(sql);
    const findings = async (check: string, role: Role = 'superuser'): Promise<HealthFinding[]> => {
      const asked = checkOf(await ask(urlOf(server, role, name), [check]), check);
      expect(asked.status, asked.reason).not.toBe('error');
      return [...asked.findings];
    };
    const messages = async (check: string) =>
      (await findings(check)).map(({ severity, message }) => `${severity}: ${message}`);
    return { name, run, findings, messages };
  }

  it('SEC13: a body that names what lies in other schemas gets no path by one click', async () => {
    const { run, findings } = await databaseWith(
      `create schema app; create schema other;
       create table public.users (id int primary key); create table app.orders (id int primary key); create table other.x (id int);
       create function app.reads_public() returns bigint language plpgsql security definer as $$ begin return (select count(*) from users); end $$;
       create function app.reads_own() returns bigint language plpgsql security definer as $$ begin return (select count(*) from orders) + (select count(*) from public.users); end $$;
       create function app.in_c() returns text language internal security definer as 'pgsql_version'`,
    );
    const found = await findings('SEC13');
    expect(found.map(({ object, fixSql }) => [object, fixSql])).toEqual([
      ['app.reads_own()', 'alter function app.reads_own() set search_path = pg_catalog, app, pg_temp;'],
      ['app.reads_public()', undefined],
    ]);
    expect(found[1]?.caution).toContain('search_path = pg_catalog, app, public, pg_temp;');
    await run(found[0]?.fixSql ?? '');
    expect(await run('select app.reads_own()')).toEqual([{ reads_own: '0' }]);
    await run(/alter function .*;/.exec(found[1]?.caution ?? '')?.[0] ?? 'no');
    expect(await run('select app.reads_public()')).toEqual([{ reads_public: '0' }]);
  });

  it('SEC14: functions of the server itself count, and what others granted is not taken back by one click', async () => {
    const { findings } = await databaseWith(
      `create function public.leak(text) returns text language internal strict security definer as 'pg_read_file_all';
       create function public.shared() returns int language sql security definer as 'select 1';
       revoke execute on function public.shared() from public;
       grant execute on function public.shared() to bob with grant option;
       set role bob; grant execute on function public.shared() to public; reset role`,
    );
    expect((await findings('SEC14')).map(({ object, fixSql }) => [object, fixSql !== undefined])).toEqual([
      ['public.leak(text)', true],
      ['public.shared()', false],
    ]);
  });

  it('SEC03: a grant of another role is not taken back by one click', async () => {
    const { findings } = await databaseWith(
      `create schema s; grant create on schema s to bob with grant option;
       set role bob; grant create on schema s to public; reset role`,
    );
    const found = (await findings('SEC03')).find(({ object }) => object === 'schema s');
    expect(found?.fixSql).toBeUndefined();
    expect(found?.caution).toContain('Granted by bob');
  });

  it('SEC22: CREATE on a database is no default, and who makes temporary tables for others keeps that', async () => {
    const { name, run, findings } = await databaseWith(
      `create schema app authorization app;
       create function app.report() returns void language plpgsql security definer as $$ begin create temp table t (id int) on commit drop; end $$;
       alter function app.report() owner to app`,
    );
    await run(`grant create on database ${name} to public`);
    const acl = `select array(select unnest(datacl)::text order by 1) as acl from pg_database where datname = current_database()`;
    const before = await run(acl);
    const found = (await findings('SEC22')).filter(({ object }) => object.startsWith('database'));
    expect(found.map(({ severity, object, fixSql }) => [severity, object, fixSql?.split('\n').at(-1)])).toEqual([
      ['warning', `database ${name}: CREATE`, `revoke create on database ${name} from public;`],
      ['info', `database ${name}`, `revoke connect, temporary on database ${name} from public;`],
    ]);
    for (const { fixSql = '' } of found) await run(fixSql);
    expect((await findings('SEC22')).filter(({ object }) => object.startsWith('database'))).toEqual([]);
    await run('select app.report()');
    for (const { undoSql = '' } of found.toReversed()) await run(undoSql);
    expect(await run(acl)).toEqual(before);
  });

  it('SEC18: a policy that others narrow lets nobody write everything, and what nobody may use is said', async () => {
    const { messages } = await databaseWith(
      `create table narrowed (tenant int); alter table narrowed enable row level security; grant all on narrowed to plain;
       create policy base on narrowed using (true);
       create policy tenant on narrowed as restrictive using (tenant = 1);
       create table half (tenant int); alter table half enable row level security; grant all on half to plain;
       create policy base on half using (true);
       create policy tenant on half as restrictive for delete using (tenant = 1);
       create table unused (tenant int); alter table unused enable row level security; grant select on unused to plain;
       create policy base on unused using (true);
       create table own (tenant int); alter table own enable row level security, force row level security;
       create policy base on own using (true);
       create table by_column (tenant int); alter table by_column enable row level security; grant update (tenant) on by_column to plain;
       create policy base on by_column for update using (true)`,
    );
    expect((await messages('SEC18')).toSorted()).toEqual([
      'warning: Policy base of public.by_column lets PUBLIC update every row.',
      'warning: Policy base of public.half lets PUBLIC write every row.',
      'warning: Policy base of public.own lets PUBLIC write every row.',
      'warning: Policy base of public.unused lets PUBLIC write every row, once somebody but the owner is granted that.',
    ]);
  });

  it('SEC01: a member of two superusers is not freed by one click', async () => {
    const { findings } = await databaseWith('grant boss, chief to bob');
    const found = (await findings('SEC01')).find(({ object }) => object === 'role bob');
    expect(found?.message).toBe('Role bob can log in and become the superusers boss, chief.');
    expect(found?.fixSql).toBeUndefined();
    await server.run('revoke chief from bob');
    expect((await findings('SEC01')).find(({ object }) => object === 'role bob')?.fixSql).toMatch(
      /^revoke boss from bob/,
    );
    await server.run('revoke boss from bob');
    expect((await findings('SEC01')).map(({ object }) => object)).not.toContain('role bob');
  });

  it.runIf(major >= 16)(
    'SEC01, SEC25: what a grant of 16 and later does not let one do is no finding (before, it lets all)',
    async () => {
      const { findings } = await databaseWith(
        `create role between_1; create role between_2; create role m1 login; create role m2 login; create role m3 login;
         grant boss to m1 with admin true, set false, inherit false;
         grant pg_read_server_files to between_1 with inherit false, set true;
         grant between_1 to m2 with inherit true, set false;
         grant pg_read_server_files to between_2 with admin true, inherit false, set false;
         grant between_2 to m3 with inherit true, set false`,
      );
      expect((await findings('SEC01')).map(({ object }) => object)).not.toContain('role m1');
      expect(
        (await findings('SEC25')).map(({ object }) => object).filter((object) => /m\d|between/.test(object)),
      ).toEqual([
        'role between_1: pg_read_server_files',
        'role between_2: pg_read_server_files',
        'role m3: pg_read_server_files',
      ]);
      await expect(server.run('set session authorization m2; set role pg_read_server_files')).rejects.toThrow(
        'permission denied',
      );
    },
  );

  it('SEC34: says what is hidden and what is not, and reads options as PostgreSQL does', async () => {
    const { run, findings, messages, name } = await databaseWith(
      `create extension postgres_fdw;
       create server far foreign data wrapper postgres_fdw;
       create user mapping for bob server far options (password 'p', password_required 'OFF');
       create user mapping for monitor server far options (user 'm');
       create user mapping for plain server far options (sslpassword 'p');
       grant usage on foreign server far to monitor, plain;
       alter server far owner to monitor`,
    );
    expect((await messages('SEC34')).toSorted()).toEqual([
      'info: 2 mappings to server far hold their passwords in clear text: bob, plain.',
      'warning: bob may connect to server far without a password, with what the server’s own machine is trusted with.',
    ]);
    const asked = checkOf(await ask(urlOf(server, 'monitor', name), ['SEC34']), 'SEC34');
    expect([asked.status, asked.reason]).toEqual([
      'skipped',
      'The options of 2 mappings are hidden from monitor; a superuser sees them.',
    ]);
    await run(`drop user mapping for bob server far; drop user mapping for plain server far;
               alter user mapping for monitor server far options (drop user)`);
    expect(await findings('SEC34', 'monitor')).toEqual([]);
    expect(checkOf(await ask(urlOf(server, 'monitor', name), ['SEC34']), 'SEC34').status).toBe('ok');
  });

  it('SEC15: rules that write are no views, column grants count, and the way back is exact', async () => {
    const { run, findings } = await databaseWith(
      `create table guarded (id int, v int); alter table guarded enable row level security;
       create view writes as select 1 as id; create rule put as on insert to writes do instead insert into guarded values (1, 1);
       create view shows ${major >= 15 ? 'with (security_invoker = false) ' : ''}as select * from guarded;
       grant select (id) on shows to plain`,
    );
    const found = await findings('SEC15');
    expect(found.map(({ severity, object }) => [severity, object])).toEqual([['warning', 'public.shows']]);
    if (major < 15) return;
    const options = `select reloptions::text from pg_class where relname = 'shows'`;
    await run(found[0]?.fixSql ?? '');
    expect(await findings('SEC15')).toEqual([]);
    await run(found[0]?.undoSql ?? '');
    expect(await run(options)).toEqual([{ reloptions: '{security_invoker=false}' }]);
  });

  it('SEC16, SEC17: whoever reaches a partition past the policies, and whom they bind', async () => {
    const { findings, messages } = await databaseWith(
      `create table g (id int, v int) partition by list (id); create table g1 partition of g for values in (1);
       create table g2 partition of g for values in (2); create table g3 partition of g for values in (3);
       alter table g enable row level security; create policy p on g using (v = 1);
       grant select (id) on g1 to plain; grant insert on g2 to plain;
       create table forced (id int); alter table forced enable row level security, force row level security`,
    );
    expect(await messages('SEC16')).toEqual([
      'warning: plain may read public.g1 by its own name, past the policies of public.g.',
      'warning: plain may change public.g2 by its own name, past the policies of public.g.',
    ]);
    expect(await messages('SEC17')).toEqual([
      'info: Table public.forced has row level security and no policy: nobody but superusers sees rows, not even its owner.',
    ]);
    if (major < 14) return;
    await server.run('grant pg_read_all_data to reads');
    expect((await findings('SEC16')).map(({ message }) => message)).toEqual([
      'plain, reads may read public.g1 by its own name, past the policies of public.g.',
      'reads, plain may read or change public.g2 by its own name, past the policies of public.g.',
      'reads may read public.g3 by its own name, past the policies of public.g.',
    ]);
    await server.run('revoke pg_read_all_data from reads');
  });

  it.runIf(major >= 14)('SEC33: a login that reads everything reads secrets (such a role is new in 14)', async () => {
    const { messages } = await databaseWith('create table accounts (id int primary key, password_hash text)');
    expect(await messages('SEC33')).toEqual([]);
    await server.run('grant pg_read_all_data to reads');
    expect(await messages('SEC33')).toEqual([
      'info: Column password_hash of public.accounts can be read by reads, who only reads the table.',
    ]);
    await server.run('revoke pg_read_all_data from reads');
  });

  it.runIf(major >= 18)('SEC23: large objects have default privileges too (since 18)', async () => {
    const { run, findings } = await databaseWith(
      'alter default privileges grant select, update on large objects to public',
    );
    const [found] = await findings('SEC23');
    expect(found?.message).toBe('Every role gets SELECT, UPDATE on large objects that steward_test will make.');
    await run(found?.fixSql ?? '');
    expect(await findings('SEC23')).toEqual([]);
  });

  it('SEC37: a function is given to the owner of the trigger only where that is a superuser', async () => {
    const { run, findings } = await databaseWith(
      `create role was_super superuser; create schema s authorization plain;
       create function s.audit() returns event_trigger language plpgsql as $$ begin end $$;
       create event trigger watch on ddl_command_end execute function s.audit();
       alter event trigger watch owner to was_super; alter function s.audit() owner to plain;
       alter role was_super nosuperuser`,
    );
    const [found] = await findings('SEC37');
    expect(found?.fixSql).toBeUndefined();
    await run('alter role was_super superuser');
    const [again] = await findings('SEC37');
    await run(again?.fixSql ?? '');
    expect(await findings('SEC37')).toEqual([]);
    await run('drop event trigger watch; drop function s.audit(); drop role was_super');
  });

  it('SEC07: a password is compared as the server keeps it', async () => {
    const { findings } = await databaseWith(
      `set password_encryption = 'scram-sha-256'; create role "ﬁrma" login password 'ﬁrma'; create role "Ⅷ" login password 'other'`,
    );
    expect((await findings('SEC07')).map(({ object }) => object)).toContain('role "ﬁrma"');
    expect((await findings('SEC07')).map(({ object }) => object)).not.toContain('role "Ⅷ"');
    await server.run('drop role "ﬁrma", "Ⅷ"');
  });

  it('SEC20: what stands in any subquery is called once', async () => {
    const { findings } = await databaseWith(
      `create table t (tenant text); alter table t enable row level security;
       create policy by_values on t using (tenant in (values (current_setting('app.tenant'))));
       create policy by_with on t using (tenant = (with x as (select current_setting('app.tenant') as v) select v from x))`,
    );
    expect(await findings('SEC20')).toEqual([]);
  });

  it('SEC24: counts all functions', async () => {
    const { run, messages } = await databaseWith(
      `do $$ begin for n in 1 .. 130 loop
         execute format('create function public.f%s() returns text language internal as ''pgsql_version''', n);
         execute format('alter function public.f%s() owner to plain', n);
       end loop; end $$`,
    );
    expect((await messages('SEC24')).join()).toContain('130 functions in the untrusted language internal');
    await run('drop owned by plain');
  });

  it('what unlocks a check does so for a role that does not inherit', async () => {
    await server.run(`create role aloof login password 'plain' noinherit`);
    const url = urlOf(server, 'plain').replace('plain:', 'aloof:');
    const asked = async () => checkOf(await ask(url, ['CON09']), 'CON09');
    const before = await asked();
    expect(before.unlockSql).toContain('inherit');
    await server.run(before.unlockSql ?? '');
    expect((await asked()).unlockSql).toBeUndefined();
    await server.run('drop role aloof');
  });
});
