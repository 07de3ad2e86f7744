import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HealthCheckResult, HealthFinding, HealthReport } from '#contract/health-model.ts';
import { schemaChecks } from '../../electron/services/health/checks/schema/index.ts';
import { impliedForeignKeys } from '../../electron/services/health/checks/schema/implied-foreign-keys.ts';
import { relationsSql, tablesOf, type RelationRow } from '../../electron/services/health/checks/schema/relations.ts';
import { runHealthReport } from '../../electron/services/health/index.ts';
import { loadShared } from '../support/databases.ts';
import { PgCatalogReader } from '../support/pg-catalog-reader.ts';
import { describeWithShared } from '../support/shared.ts';
import { startTestServer, type TestServer } from '../support/postgres-server.ts';
import { healthFacts } from '../unit/health/health-facts.ts';

const defects = new URL('health-schema.sql', import.meta.url);
const ids = schemaChecks.map((check) => check.id);

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

/** Objects of the schema `design` and of none, without the schema's name. */
function inDesign(from: HealthReport, id: string): string[] {
  const found = objects(from, id);
  return typeof found === 'string'
    ? [found]
    : found.filter((object) => object.startsWith('design.')).map((object) => object.replace('design.', ''));
}

/** The finding of a check about an object. */
function findingOf(from: HealthReport, id: string, object: string): HealthFinding {
  const finding = checkOf(from, id).findings.find((candidate) => candidate.object === object);
  if (finding === undefined) throw new Error(`${id} has nothing about ${object}`);
  return finding;
}

/** One statement at a time, but for transactions: several in one message would be one. */
async function runSql(server: TestServer, sql: string): Promise<void> {
  for (const statement of sql.startsWith('begin') ? [sql] : sql.split(/(?<=;)\n/))
    await server.run(statement, 'design');
}

describe.each([13, 15, 18] as const)('schema checks on PostgreSQL %i', (major) => {
  let server: TestServer;
  let found: HealthReport;

  beforeAll(async () => {
    server = await startTestServer({
      major,
      settings: { shared_preload_libraries: 'pg_stat_statements' },
    });
    await server.createDatabase('design');
    await server.run(await readFile(defects, 'utf8'), 'design');
    if (major >= 18) {
      await server.run(
        `create table design.random_key (id uuid primary key default gen_random_uuid(), v uuid default gen_random_uuid());
         create table design.timed_key (id uuid primary key default uuidv7());
         create table design.unenforced (id int primary key, v int, t int);
         alter table design.unenforced add constraint unenforced_v check (v > 0) not enforced;
         alter table design.unenforced add foreign key (t) references design.target not enforced;
         create table design.not_null_later (id int primary key, v int);
         alter table design.not_null_later add constraint later_v not null v not valid;
         create table design.not_null_key (v int);
         alter table design.not_null_key add constraint key_v not null v not valid;
         create unique index not_null_key_v on design.not_null_key (v)`,
        'design',
      );
    }
    await server.run(
      "create role plain login password 'plain'; create role monitor login password 'monitor'; grant pg_monitor to monitor",
    );
    found = await report(server.url('design'));
  }, 120_000);

  afterAll(async () => {
    await server.stop();
  });

  it('no check fails, and who asks makes no difference: definitions are open to everybody', async () => {
    const asRole = (role: string) =>
      report(`postgresql://${role}:${role}@${server.host}:${String(server.port)}/design`);
    const shape = (from: HealthReport) => ids.map((id) => [id, objects(from, id), checkOf(from, id).reason]);
    expect(found.checks.filter(({ status }) => status === 'error')).toEqual([]);
    expect(shape(await asRole('plain'))).toEqual(shape(found));
    expect(shape(await asRole('monitor'))).toEqual(shape(found));
  });

  it('finds tables without keys', () => {
    const notNull = major >= 18 ? ['not_null_key'] : [];
    expect(inDesign(found, 'SCH01')).toEqual(
      [
        '"ten""ant Größe"',
        'contained_target',
        'no_column',
        ...notNull,
        'nothing_unique',
        'nullable_unique',
        'parent_table',
        'parted_half',
        'unique_only',
      ].toSorted(),
    );
    expect(inDesign(found, 'SCH02')).toEqual(['nothing_unique']);
    expect(inDesign(found, 'SCH03')).toEqual(['text_uuid', 'wide_key']);
    expect(objects(found, 'SCH04')).toEqual(major >= 18 ? ['design.random_key'] : 'skipped');
  });

  it('T15: primary keys on all partitions, at any depth, are a primary key', () => {
    const names = inDesign(found, 'SCH01').filter((name) => name.startsWith('parted'));
    expect(names).toEqual(['parted_half']);
    // A foreign key on every partition is one of the parent: nothing is missing.
    expect(inDesign(found, 'SCH33')).not.toContain('parted_keys');
  });

  it('finds columns of doubtful types', () => {
    expect({
      SCH05: inDesign(found, 'SCH05'),
      SCH06: inDesign(found, 'SCH06'),
      SCH07: inDesign(found, 'SCH07'),
      SCH08: inDesign(found, 'SCH08'),
      SCH09: inDesign(found, 'SCH09'),
      SCH10: inDesign(found, 'SCH10'),
      SCH11: inDesign(found, 'SCH11'),
      SCH12: inDesign(found, 'SCH12'),
      SCH13: objects(found, 'SCH13'),
    }).toEqual({
      SCH05: ['empty_serial.id', 'gadget.gadget_id', 'serials."Mixed"', 'serials.id'],
      SCH06: ['moments'],
      SCH07: ['bound_type', 'letters'],
      SCH08: ['code_source', 'code_target', 'coded', 'letters', 'null_word', 'short_code', 'text_uuid', 'visits'],
      SCH09: ['prices'],
      SCH10: ['documents'],
      SCH11: ['files'],
      SCH12: ['procs'],
      SCH13: ['design: customer_id', 'design: guest_number'],
    });
    expect(findingOf(found, 'SCH12', 'design.procs').message).toBe(
      'Table design.procs has 1 column of a reg type: proc.',
    );
  });

  it('gives no fix for a type that a view depends on', () => {
    expect(findingOf(found, 'SCH07', 'design.bound_type').fixSql).toBeUndefined();
    expect(findingOf(found, 'SCH07', 'design.letters').fixSql).toBe(
      'alter table design.letters\n  alter column code type character varying(3);',
    );
  });

  it('finds awkward names, and tells each once', () => {
    expect({
      SCH14: objects(found, 'SCH14'),
      SCH15: objects(found, 'SCH15'),
      SCH16: objects(found, 'SCH16'),
      SCH17: objects(found, 'SCH17'),
      SCH18: objects(found, 'SCH18'),
    }).toEqual({
      SCH14: [
        'audited."E x"',
        'design."Mixed Case"',
        'design."Sale Lines"',
        'design."orderLines"',
        'design."ten""ant Größe"',
        'design.serials',
        'design.text_uuid',
        'mixed."Th""ree"',
      ],
      SCH15: ['design."Mixed Case"', 'design."ten""ant Größe"'],
      SCH16: ['design."orderLines"', 'design.alike'],
      SCH17: [
        'design."ä23456789_123456789_123456789_123456789_123456789_123456789_12"',
        'design.a23456789_123456789_123456789_123456789_123456789_123456789_123',
      ],
      SCH18: ['schema sales_prod'],
    });
    expect(['SCH14', 'SCH15'].map((id) => findingOf(found, id, 'design."Mixed Case"').message)).toEqual([
      'In design."Mixed Case" these names work only in quotes: its name and column Blank Name.',
      'In design."Mixed Case" these names are reserved words: column user.',
    ]);
  });

  it('finds what was forgotten in tables', () => {
    expect({
      SCH19: checkOf(found, 'SCH19').findings.map(({ message }) => message),
      SCH20: objects(found, 'SCH20'),
      SCH22: inDesign(found, 'SCH22'),
      SCH23: inDesign(found, 'SCH23'),
      SCH25: inDesign(found, 'SCH25'),
      SCH26: inDesign(found, 'SCH26'),
      SCH36: objects(found, 'SCH36'),
      SCH38: objects(found, 'SCH38'),
      SCH39: objects(found, 'SCH39'),
      SCH40: checkOf(found, 'SCH40').findings.map(({ message }) => message),
    }).toEqual({
      SCH19: ['4 of 5 tables of schema audited record when a row was created (80 %); these do not: audited."E x".'],
      SCH20: ['audited', 'design', 'latest', 'mixed', 'sales_prod', 'stg_warehouse'].map((name) => `schema ${name}`),
      SCH22: ['contained_target', 'loose', 'target.target_a_b_key', 'target.target_b_a_key'],
      SCH23: ['null_word.v'],
      SCH25: ['numbered'],
      SCH26: ['key_last'],
      SCH36: ['design.parent_table'],
      SCH38: ['design.ruled'],
      SCH39: ['schema mixed: design_owner'],
      SCH40: [
        "The list of values of column progress in design.shipped lacks a value that design.billed has: 'paid'.",
        '1 domain of schema design adds nothing to the type below: design.bare_domain.',
      ],
    });
    expect(inDesign(found, 'SCH21')).toEqual([
      'alike',
      'all_null',
      'bills',
      'letters',
      'moments',
      'null_word',
      'numbered',
      'parted_keys',
      'plain_names',
      'target',
      'visits',
    ]);
    expect(inDesign(found, 'SCH24')).toEqual(expect.arrayContaining(['no_column', 'order_lines']));
    expect(inDesign(found, 'SCH24')).not.toContain('listed');
    expect(objects(found, 'SCH37')).toContain('schema design');
  });

  it('finds foreign keys that are double, crossed, half null or missing', () => {
    expect({
      SCH27: objects(found, 'SCH27'),
      SCH28: checkOf(found, 'SCH28').findings.map(({ message }) => message),
      SCH29: inDesign(found, 'SCH29'),
      SCH30: inDesign(found, 'SCH30'),
      SCH31: inDesign(found, 'SCH31'),
      SCH32: checkOf(found, 'SCH32').findings.map(({ severity, message }) => `${severity}: ${message}`),
      SCH33: inDesign(found, 'SCH33'),
      SCH34: objects(found, 'SCH34'),
    }).toEqual({
      SCH27: ['design.copies', 'design.torn', 'design.twins'],
      SCH28: [
        'Foreign key contained_narrow of design.contained is contained in contained_wide: both refer to design.contained_target.',
        'Foreign keys overlap_crossed and overlap_wide of design.overlap take one column for different columns of design.target.',
      ],
      SCH29: ['code_source.code', 'small_source.t'],
      // T15: made on each partition, told once.
      SCH30: ['half_null', 'parted_keys_1'],
      SCH31: ['mirror', 'tree'],
      SCH32: [
        'warning: Foreign keys go in a circle in which none may be null or wait for the commit: design.hard_a → design.hard_b → design.hard_a.',
        'info: Foreign keys go in a circle of 2 tables: design.soft_a → design.soft_b → design.soft_a.',
      ],
      SCH33: ['"Sale Lines"', 'gadget_part', 'orders_made', 'parted_refs'],
      SCH34: ['schema sales_prod to design'],
    });
    expect(findingOf(found, 'SCH27', 'design.twins').fixSql).toBe('alter table design.twins drop constraint twin_one;');
    expect(findingOf(found, 'SCH27', 'design.torn').fixSql).toBeUndefined();
  });

  it('T27: constraints that are NOT ENFORCED are not waiting for validation, a NOT NULL that is NOT VALID is', () => {
    expect(objects(found, 'SCH35')).toEqual(
      major >= 18 ? ['design.checked', 'design.not_null_key', 'design.not_null_later'] : ['design.checked'],
    );
    // A column whose NOT NULL is not valid can hold nulls: its index cannot become the key.
    if (major >= 18) expect(findingOf(found, 'SCH01', 'design.not_null_key').fixSql).toBeUndefined();
  });

  it('T28: fixes run with names of every kind, the finding goes, and undo brings it back', async () => {
    const fixable = found.checks.filter(({ findings }) => findings.some(({ undoSql }) => undoSql !== undefined));
    expect(fixable.map(({ id }) => id)).toEqual([
      'SCH01',
      'SCH03',
      ...(major >= 18 ? ['SCH04'] : []),
      'SCH06',
      'SCH07',
      'SCH08',
      'SCH09',
      'SCH10',
      'SCH12',
      'SCH19',
      'SCH23',
      'SCH27',
      'SCH31',
      'SCH32',
      'SCH33',
      'SCH39',
    ]);
    for (const { id, findings } of fixable) {
      const fixed = findings.filter(({ undoSql }) => undoSql !== undefined);
      for (const { fixSql } of fixed) await runSql(server, fixSql ?? '');
      const messages = checkOf(await report(server.url('design'), [id]), id).findings.map(({ message }) => message);
      expect({ id, left: fixed.filter(({ message }) => messages.includes(message)) }).toEqual({ id, left: [] });
      for (const { undoSql } of fixed.toReversed()) await runSql(server, undoSql ?? '');
      expect({ id, objects: objects(await report(server.url('design'), [id]), id) }).toEqual({
        id,
        objects: objects(found, id),
      });
    }
  }, 60_000);

  it('fixes without a way back: serials become identities that go on counting, constraints are validated', async () => {
    for (const id of ['SCH05', 'SCH35'])
      for (const { fixSql } of checkOf(found, id).findings) await runSql(server, fixSql ?? '');
    const after = await report(server.url('design'), ['SCH05', 'SCH35']);
    expect(after.checks.map(({ status }) => status)).toEqual(['ok', 'ok']);
    const next = (table: string) => server.run(`insert into design.${table} default values returning id`, 'design');
    expect([await next('serials'), await next('empty_serial')]).toEqual([[{ id: 701 }], [{ id: 1 }]]);
  });

  it('SCH33: the key that is added, and dropped again, is never one that was there', async () => {
    await server.run(
      `create schema stock;
       create table stock.gadgets (id bigint primary key);
       create table stock.boxes (id bigint primary key);
       create table stock.shop (gadget_id bigint, box_id bigint references stock.boxes);
       alter table stock.shop rename box_id to old_box_id;
       alter table stock.shop add box_id bigint, add constraint shop_gadget_id_fkey check (gadget_id > 0)`,
      'design',
    );
    const constraints = () =>
      server.run(
        "select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = 'stock.shop'::regclass order by 1",
        'design',
      );
    const before = await constraints();
    const finding = findingOf(await report(server.url('design'), ['SCH33']), 'SCH33', 'stock.shop');
    await runSql(server, finding.undoSql ?? '');
    expect(await constraints()).toEqual(before);
    await runSql(server, finding.fixSql ?? '');
    expect((await constraints()).map(({ conname }) => conname)).toEqual([
      'shop_box_id_fkey',
      'shop_box_id_fkey1',
      'shop_gadget_id_fkey',
      'shop_gadget_id_fkey1',
    ]);
    await runSql(server, finding.undoSql ?? '');
    expect(await constraints()).toEqual(before);
    await server.run('drop schema stock cascade', 'design');
  });

  it.runIf(major >= 18)(
    'foreign keys that are NOT ENFORCED make no circle, and no missing key either (18 and later have them)',
    async () => {
      await server.run(
        `create schema lax;
       create table lax.one (id int primary key, two int not null);
       create table lax.two (id int primary key, one_id int not null);
       alter table lax.one add constraint one_two foreign key (two) references lax.two not enforced;
       alter table lax.two add constraint two_one foreign key (one_id) references lax.one not enforced`,
        'design',
      );
      const now = await report(server.url('design'), ['SCH32', 'SCH33']);
      const found = now.checks.flatMap(({ findings }) => findings.map(({ object }) => object));
      expect(found.filter((object) => object.startsWith('lax.'))).toEqual([]);
      await server.run('drop schema lax cascade', 'design');
    },
  );

  it('keeps the name, limits, rights and comment of a sequence that becomes an identity', async () => {
    await server.run(
      `create schema numbers; create role counter;
       create table numbers.inv (id int primary key);
       create sequence numbers."Inv no" minvalue 1000 maxvalue 9999 start 1234 increment 2 cache 5 cycle owned by numbers.inv.id;
       alter table numbers.inv alter id set default nextval('numbers."Inv no"');
       comment on sequence numbers."Inv no" is 'it''s counted';
       grant usage, select on sequence numbers."Inv no" to counter with grant option;
       create function numbers.next_inv() returns int8 language plpgsql as 'begin return nextval(''numbers."Inv no"''); end';
       create table numbers.zero (id int primary key);
       create sequence numbers.zero_no minvalue 0 start 0 owned by numbers.zero.id;
       alter table numbers.zero alter id set default nextval('numbers.zero_no');
       create table numbers.watched (id serial primary key);
       create view numbers.watching as select last_value from numbers.watched_id_seq;
       insert into numbers.inv default values`,
      'design',
    );
    const state = () =>
      server.run(
        `select seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle, obj_description(seqrelid) as comment,
           (select array_agg(item::text order by item::text) from pg_class, unnest(relacl) as item where oid = seqrelid) as acl
         from pg_sequence where seqrelid = 'numbers."Inv no"'::regclass`,
        'design',
      );
    const before = await state();
    const now = await report(server.url('design'), ['SCH05']);
    expect(findingOf(now, 'SCH05', 'numbers.watched.id').fixSql).toBeUndefined();
    expect(findingOf(now, 'SCH05', 'numbers.watched.id').caution).toContain('numbers.watched_id_seq');
    for (const object of ['numbers.inv.id', 'numbers.zero.id'])
      await runSql(server, findingOf(now, 'SCH05', object).fixSql ?? '');
    expect(await state()).toEqual(before);
    expect(await server.run('select numbers.next_inv() % 10 as next', 'design')).toEqual([{ next: '4' }]);
    expect(await server.run('insert into numbers.zero default values returning id', 'design')).toEqual([{ id: 0 }]);
    expect(objects(await report(server.url('design'), ['SCH05']), 'SCH05')).toEqual(['numbers.watched.id']);
    await server.run('drop schema numbers cascade; drop role counter', 'design');
  });

  it('knows what else differs in foreign keys, which indexes cannot become keys, and whose tables are whose', async () => {
    await server.run(
      `create schema finer;
       create table finer.t (id int primary key);
       create table finer.valid (x int, constraint x1 foreign key (x) references finer.t on delete cascade);
       alter table finer.valid add constraint x2 foreign key (x) references finer.t on delete cascade;
       alter table finer.valid drop constraint x1;
       alter table finer.valid add constraint x3 foreign key (x) references finer.t on delete cascade not valid;
       create table finer.later (x int, constraint y1 foreign key (x) references finer.t, constraint y2 foreign key (x) references finer.t deferrable);
       create table finer.flyway_schema_history (id int primary key, installed_on timestamp);
       create table finer.history (id int primary key, installed_on timestamp);
       create table finer.by_pattern (v text not null);
       create unique index by_pattern_v on finer.by_pattern (v text_pattern_ops);
       create table finer.referenced (v int not null);
       create unique index referenced_v on finer.referenced (v);
       create table finer.referring (v int primary key references finer.referenced (v));
       create table finer.kept (v int not null);
       create unique index kept_v on finer.kept (v);
       comment on index finer.kept_v is 'it''s kept'; alter table finer.kept cluster on kept_v;
       ${
         major >= 18
           ? 'create table finer.half (id int primary key, a int, b int, unique (a, b)); alter table finer.half add constraint n not null a not valid;'
           : ''
       }`,
      'design',
    );
    const now = await report(server.url('design'), ['SCH01', 'SCH06', 'SCH22', 'SCH27']);
    expect(findingOf(now, 'SCH27', 'finer.valid').fixSql).toBe('alter table finer.valid drop constraint x3;');
    expect(findingOf(now, 'SCH27', 'finer.later')).toMatchObject({
      caution: 'Their deferrability differs: decide which one is meant before one goes.',
    });
    expect(findingOf(now, 'SCH27', 'finer.later').fixSql).toBeUndefined();
    const history = checkOf(now, 'SCH06').findings.filter(({ object }) => object.startsWith('finer.'));
    expect(history.map(({ object }) => object)).toEqual(['finer.history']);
    if (major >= 18) expect(findingOf(now, 'SCH22', 'finer.half').message).toContain('rows in which a, b are null');
    expect(findingOf(now, 'SCH01', 'finer.by_pattern').fixSql).toBeUndefined();
    const referenced = findingOf(now, 'SCH01', 'finer.referenced');
    await runSql(server, referenced.fixSql ?? '');
    expect(referenced.undoSql).toBeUndefined();
    const kept = findingOf(now, 'SCH01', 'finer.kept');
    await runSql(server, kept.fixSql ?? '');
    await runSql(server, kept.undoSql ?? '');
    expect(
      await server.run(
        `select indisclustered, indisprimary, obj_description(indexrelid) as comment from pg_index where indexrelid = 'finer.kept_v'::regclass`,
        'design',
      ),
    ).toEqual([{ indisclustered: true, indisprimary: false, comment: "it's kept" }]);
    await server.run('drop schema finer cascade', 'design');
  });
});

/** Real schemas whose foreign keys are taken away and guessed again: what is guessed is right, and half is found. */
describeWithShared('foreign keys that are taken away', () => {
  it('are guessed by SCH33 in fifteen real schemas', async () => {
    await using server = await startTestServer({ major: 15 });
    await loadShared(server, 'combined');
    await using reader = await PgCatalogReader.open(server.url('combined'));
    const tables = tablesOf(await reader.rows<RelationRow>(relationsSql(healthFacts({ versionNum: 150_000 }))));
    const nameOf = (oid: number, attnum: number | undefined): string => {
      const table = tables.find((row) => Number(row.relation_oid) === oid);
      return `${table?.relation_name ?? ''}.${table?.columns.find(([own]) => own === attnum)?.[1] ?? ''}`;
    };
    const declared = new Map(
      tables.flatMap((table) =>
        table.references
          .filter(([own]) => own.length === 1)
          .map(([own, target, theirs]) => [nameOf(Number(table.relation_oid), own[0]), nameOf(target, theirs[0])]),
      ),
    );
    const guessed = impliedForeignKeys(tables.map((table) => ({ ...table, references: [] }))).flatMap((key) => {
      const truth = declared.get(`${key.table.relation_name}.${key.column}`);
      return truth === undefined ? [] : [truth === `${key.target.relation_name}.${key.targetColumn}`];
    });
    const right = guessed.filter(Boolean).length;
    const precision = right / guessed.length;
    const recall = right / declared.size;
    process.stdout.write(
      `SCH33: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)} of ${String(declared.size)}\n`,
    );
    expect(precision).toBeGreaterThan(0.95);
    expect(recall).toBeGreaterThan(0.45);
  }, 120_000);
});
