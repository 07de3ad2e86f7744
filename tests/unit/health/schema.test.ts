import { describe, expect, it } from 'vitest';

import type { HealthFinding } from '#contract/health-model.ts';
import { limitsOf, type CheckOutcome, type HealthCheck } from '../../../electron/services/health/health-check.ts';
import { tellOnce } from '../../../electron/services/health/checks/schema/fold-by-schema.ts';
import type { ForeignKeyRow } from '../../../electron/services/health/checks/schema/foreign-keys.ts';
import { impliedForeignKeys } from '../../../electron/services/health/checks/schema/implied-foreign-keys.ts';
import type { ColumnTuple, RelationRow } from '../../../electron/services/health/checks/schema/relations.ts';
import { awkwardPrimaryKey } from '../../../electron/services/health/checks/schema/sch03-awkward-primary-key.ts';
import { timestampWithoutZone } from '../../../electron/services/health/checks/schema/sch06-timestamp-without-zone.ts';
import { largeObjects } from '../../../electron/services/health/checks/schema/sch11-large-objects.ts';
import { oneNameSeveralTypes } from '../../../electron/services/health/checks/schema/sch13-one-name-several-types.ts';
import { namesThatNeedQuotes } from '../../../electron/services/health/checks/schema/sch14-names-that-need-quotes.ts';
import { confusableNames } from '../../../electron/services/health/checks/schema/sch16-confusable-names.ts';
import { nameAtTheLimit } from '../../../electron/services/health/checks/schema/sch17-name-at-the-limit.ts';
import { environmentOf } from '../../../electron/services/health/checks/schema/sch18-environment-in-schema-name.ts';
import { missingAuditColumns } from '../../../electron/services/health/checks/schema/sch19-missing-audit-columns.ts';
import { everythingNullable } from '../../../electron/services/health/checks/schema/sch21-everything-nullable.ts';
import { numberedColumns } from '../../../electron/services/health/checks/schema/sch25-numbered-columns.ts';
import { circularForeignKeys } from '../../../electron/services/health/checks/schema/sch32-circular-foreign-keys.ts';
import { impliedForeignKey } from '../../../electron/services/health/checks/schema/sch33-implied-foreign-key.ts';
import { mixedOwners } from '../../../electron/services/health/checks/schema/sch39-mixed-owners.ts';
import {
  listedValues,
  valueListsDiffer,
} from '../../../electron/services/health/checks/schema/sch40-value-lists-differ.ts';
import { stronglyConnected } from '../../../electron/services/health/checks/schema/strongly-connected.ts';
import { contextOf } from './health-facts.ts';

function messages(outcome: CheckOutcome): string[] {
  return ('kind' in outcome ? (outcome.findings ?? []) : outcome).map(
    (finding) => `${finding.severity}: ${finding.message}`,
  );
}

const types: Readonly<Record<string, number>> = { int4: 23, int8: 20, text: 25, timestamptz: 1184, varchar: 1043 };
let nextOid = 1000;

/** A table of the schema app with columns such as `id int4 key`, `at timestamptz`, `v text not null`. */
function table(name: string, columns: readonly string[], different: Partial<RelationRow> = {}): RelationRow {
  const parsed = columns.map((column, at): ColumnTuple => {
    const [columnName = '', type = 'int4', ...rest] = column.split(' ');
    return [
      at + 1,
      columnName,
      types[type] ?? 99,
      type,
      rest.includes('key') || rest.includes('not'),
      rest.includes('filled') ? 'default' : '',
      -1,
    ];
  });
  const key = columns.flatMap((column, at) => (column.includes(' key') ? [at + 1] : []));
  nextOid += 1;
  return {
    relation_oid: String(nextOid),
    schema_name: 'app',
    bare_name: name,
    relation_name: `app.${name}`,
    kind: 'r',
    persistence: 'p',
    rows: 0,
    inherits: false,
    has_unique_index: key.length > 0,
    is_referenced: false,
    columns: parsed,
    keys: key.length > 0 ? [[true, key]] : [],
    references: [],
    fkey_names: [],
    ...different,
  };
}

describe('a threshold that is set', () => {
  it('changes what is reported', () => {
    const wide = table('wide', ['id int4 key', 'a int4', 'b int4']);
    const set = (check: HealthCheck, name: string, value: number) => ({
      ...contextOf(check),
      limits: limitsOf(check, new Map([[`${check.id}.${name}`, value]])),
    });
    expect(everythingNullable.findings([wide], contextOf(everythingNullable))).toEqual([]);
    expect(messages(everythingNullable.findings([wide], set(everythingNullable, 'minColumns', 2)))).toEqual([
      'info: All 2 columns of app.wide beside its key may be null.',
    ]);
    const numbered = table('t', ['id int4 key', 'x1 text', 'x2 text']);
    expect(numberedColumns.findings([numbered], contextOf(numberedColumns))).toEqual([]);
    expect(messages(numberedColumns.findings([numbered], set(numberedColumns, 'minColumns', 2)))).toEqual([
      'info: Table app.t has numbered columns: x1 to x2.',
    ]);
    const key = table('keyed', ['a int4 key', 'b int4 key', 'c int4 key', 'd int4 key']);
    expect(awkwardPrimaryKey.findings([key], contextOf(awkwardPrimaryKey))).toEqual([]);
    expect(messages(awkwardPrimaryKey.findings([key], set(awkwardPrimaryKey, 'maxColumns', 3)))).toEqual([
      'info: The primary key of app.keyed has 4 columns.',
    ]);
  });
});

describe('what is everywhere in a schema', () => {
  const typed = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      table_oid: String(at + 1),
      schema_name: 'my app',
      table_name: `"my app".t${String(at)}`,
      bare_name: `t${String(at)}`,
      time_zone: 'UTC',
      columns: [
        {
          name: 'at',
          type: 'timestamp without time zone',
          base: 'timestamp',
          is_domain: false,
          collation: null,
          default_expression: null,
          is_generated: false,
          obstacles: [],
        },
      ],
    }));

  it('is told once from the 21st table on', () => {
    const judge = (count: number) =>
      messages(timestampWithoutZone.findings(typed(count), contextOf(timestampWithoutZone)));
    expect(judge(20)).toHaveLength(20);
    expect(judge(21)).toEqual([
      'info: 21 tables of schema "my app" have columns of a timestamp type that does not fix a moment, 21 in all.',
    ]);
  });

  it('is told once for all schemas that are alike, and not where they differ', () => {
    const inSchemas = (
      count: number,
      columns: (at: number) => string[] = () => ['id int4 key', 'a int4', 'b int4', 'c int4'],
    ) =>
      Array.from({ length: count }, (_, at) =>
        table('data', columns(at), { schema_name: `T ${String(at)}`, relation_name: `"T ${String(at)}".data` }),
      );
    const judge = (tables: RelationRow[]) => {
      const outcome = everythingNullable.findings(tables, contextOf(everythingNullable));
      return 'kind' in outcome ? [] : outcome;
    };
    expect(judge(inSchemas(5))).toHaveLength(5);
    const [told, ...others] = judge(inSchemas(30));
    expect(others).toEqual([]);
    expect(told).toMatchObject({
      object: '*.data',
      message: 'The same in 30 schemas: All 3 columns of "T 0".data beside its key may be null.',
      measure: 30,
    });
    expect(
      judge(inSchemas(8, (at) => ['id int4 key', 'a int4', 'b int4', 'c int4', ...(at > 5 ? ['d int4'] : [])])),
    ).toHaveLength(3);
  });

  it('has no fix for one of many schemas that are alike, and shows it', () => {
    const finding = (schema: string): HealthFinding => ({
      object: `${schema}.data`,
      severity: 'warning',
      message: `Table ${schema}.data of schema ${schema} has none (${String(schema.length)} rows).`,
      evidence: [],
      fixSql: `alter table ${schema}.data add x;`,
      undoSql: 'undo',
      lock: 'lock',
    });
    // One of them is called like the end of the table's name.
    const schemas = ['a', 'bb', 'ccc', 'dd', 'e', 'f'];
    expect(tellOnce(schemas.map((schema) => ({ schema, finding: finding(schema) })))).toEqual([
      {
        object: '*.data',
        members: schemas.map((schema) => `${schema}.data`),
        severity: 'warning',
        message: 'The same in 6 schemas: Table a.data of schema a has none (1 rows).',
        measure: 6,
        evidence: [
          { label: 'Schemas', value: 'a, bb, ccc, dd, e, f' },
          { label: 'SQL for a', value: 'alter table a.data add x;' },
        ],
        caution: 'What makes these schemas should change all of them.',
      },
    ]);
    expect(tellOnce(schemas.slice(1).map((schema) => ({ schema, finding: finding(schema) })))).toHaveLength(5);
  });

  it('leaves out the tables of migration tools', () => {
    const ofTools = typed(2).map((row) => ({ ...row, bare_name: 'flyway_schema_history' }));
    expect(messages(timestampWithoutZone.findings(ofTools, contextOf(timestampWithoutZone)))).toEqual([]);
  });

  it('has no fix where a view or key hangs on one of the columns', () => {
    const [row] = typed(1);
    if (row === undefined) throw new Error('no row');
    const obstacles = [{ name: 'view app.v', tree: null, attnum: 1 }];
    const bound = { ...row, columns: row.columns.map((column) => ({ ...column, obstacles })) };
    const fixes = [row, bound].map((each) => {
      const outcome = timestampWithoutZone.findings([each], contextOf(timestampWithoutZone));
      return 'kind' in outcome ? [] : outcome.map(({ fixSql }) => fixSql);
    });
    expect(fixes).toEqual([
      ['alter table "my app".t0\n  alter column at type timestamp with time zone using at at time zone \'UTC\';'],
      [undefined],
    ]);
  });
});

describe('names', () => {
  it('need quotes for capitals, blanks and digits in front, not for letters beyond ASCII', () => {
    const row = table('Order', ['größe text', 'a$1 text', '1st text', 'CamelCase text', 'snake_case text']);
    expect(messages(namesThatNeedQuotes.findings([row], contextOf(namesThatNeedQuotes)))).toEqual([
      'info: In app.Order these names work only in quotes: its name and columns 1st, CamelCase.',
    ]);
  });

  it('are at the limit by bytes, not characters', () => {
    const judge = (name: string) =>
      messages(nameAtTheLimit.findings([table(name, [])], contextOf(nameAtTheLimit))).length;
    expect([judge('x'.repeat(62)), judge('x'.repeat(63)), judge('ä'.repeat(31)), judge(`${'ä'.repeat(31)}x`)]).toEqual([
      0, 1, 0, 1,
    ]);
  });

  it('are alike without capitals and underscores, but not where those part numbers', () => {
    const rows = [
      table('user_roles', ['id int4']),
      table('userRoles', ['a_b text', 'ab text', 'v1_12 text', 'v11_2 text']),
    ];
    expect(messages(confusableNames.findings(rows, contextOf(confusableNames)))).toEqual([
      'info: In schema app the names user_roles and "userRoles" differ only in capitals, blanks or underscores.',
      'info: In app.userRoles the columns a_b and ab differ only in capitals, blanks or underscores.',
    ]);
  });

  it('of schemas tell an environment only as a word of several', () => {
    const names = [
      'app_prod',
      'dev-billing',
      'app_staging',
      'stg_sales',
      'production_planning',
      'latest',
      'test',
      'devices',
    ];
    expect(names.map(environmentOf)).toEqual([
      'prod',
      'dev',
      'staging',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('columns of one name', () => {
  it('differ by type, not by length, width of a count, or a general name', () => {
    const rows = [
      table('a', ['owner_id int4', 'page_count int4', 'full_name varchar', 'value int4', 'kind_type int4']),
      table('b', ['owner_id int8', 'page_count int8', 'full_name text', 'value text', 'kind_type text']),
      table('c', ['owner_id int4']),
    ];
    expect(messages(oneNameSeveralTypes.findings(rows, contextOf(oneNameSeveralTypes)))).toEqual([
      'info: Column owner_id is integer in 2 tables, but bigint in app.b.',
    ]);
  });
});

describe('the created/updated convention', () => {
  const having = (count: number) =>
    Array.from({ length: count }, (_, at) => table(`t${String(at)}`, ['id int4 key', 'created_at timestamptz']));
  const lacking = table('late', ['id int4 key', 'v text']);
  const judge = (rows: RelationRow[]) => messages(missingAuditColumns.findings(rows, contextOf(missingAuditColumns)));

  it('is told once for a schema in which three of four tables keep it', () => {
    expect([judge([...having(2), lacking]), judge([...having(2), lacking, { ...lacking }]), judge(having(5))]).toEqual([
      [],
      [],
      [],
    ]);
    expect(judge([...having(3), lacking])).toEqual([
      'info: 3 of 4 tables of schema app record when a row was created (75 %); these do not: app.late.',
    ]);
  });

  it('does not ask link tables and the books of migration tools', () => {
    const link = table('link', ['a int4 key', 'b int4 key'], {
      references: [
        [[1], 1, [1]],
        [[2], 2, [1]],
      ],
    });
    expect(judge([...having(4), link, table('schema_migrations', ['version text key'])])).toEqual([]);
  });
});

describe('large objects', () => {
  const row = {
    table_oid: '1',
    table_name: 'app.files',
    column_name: 'content',
    bare_column: 'content',
    type: 'oid',
    is_lo: false,
    has_manager: false,
    large_objects: 0,
  };

  it('are certain by type lo, likely by name, and no guess where an oid names something else', () => {
    const judge = (different: Partial<typeof row>) => {
      const outcome = largeObjects.findings([{ ...row, ...different }], contextOf(largeObjects));
      return 'kind' in outcome ? [] : outcome.map(({ confidence }) => confidence ?? 'certain');
    };
    expect([
      judge({}),
      judge({ large_objects: 3 }),
      judge({ bare_column: 'relid', large_objects: 3 }),
      judge({ bare_column: 'relid', is_lo: true, type: 'lo' }),
    ]).toEqual([['low'], ['medium'], [], ['certain']]);
  });
});

describe('circles of foreign keys', () => {
  function key(from: number, to: number, different: Partial<ForeignKeyRow> = {}): ForeignKeyRow {
    return {
      constraint_oid: String(from * 1000 + to),
      constraint_name: `k${String(from)}_${String(to)}`,
      table_oid: String(from),
      schema_name: 'app',
      table_name: `app.t${String(from)}`,
      target_oid: String(to),
      target_schema: 'app',
      target_name: `app.t${String(to)}`,
      columns: [{ own: 'o', own_is_not_null: true, theirs: 'id', difference: null }],
      match: 's',
      on_update: 'a',
      on_delete: 'a',
      is_deferrable: false,
      is_valid: true,
      ...different,
    };
  }
  const judge = (rows: ForeignKeyRow[]) => messages(circularForeignKeys.findings(rows, contextOf(circularForeignKeys)));

  it('are hard where no key may be null or wait, and soft otherwise', () => {
    expect(judge([key(1, 2), key(2, 3), key(3, 1), key(3, 4)])).toEqual([
      'warning: Foreign keys go in a circle in which none may be null or wait for the commit: app.t1 → app.t2 → app.t3 → app.t1.',
    ]);
    const mayBeNull = { columns: [{ own: 'o', own_is_not_null: false, theirs: 'id', difference: null }] };
    expect(judge([key(1, 2), key(2, 3), key(3, 1, mayBeNull)])).toEqual([
      'info: Foreign keys go in a circle of 3 tables: app.t1 → app.t2 → app.t3 → app.t1.',
    ]);
    expect(judge([key(1, 2), key(2, 3), key(3, 1, { is_deferrable: true })])).toEqual([]);
    expect(judge([key(1, 2), key(2, 3), key(1, 3), key(1, 1)])).toEqual([]);
  });

  it('are opened by one fix, which names no key in vain', () => {
    const fixOf = (rows: readonly ForeignKeyRow[]) => {
      const outcome = circularForeignKeys.findings(rows, contextOf(circularForeignKeys));
      return 'kind' in outcome ? [] : outcome.flatMap(({ fixSql }) => fixSql?.split('\n') ?? []);
    };
    // Every table refers to every other, and whatever is left has to be without a circle.
    const everyOther = Array.from({ length: 6 }, (_, from) =>
      Array.from({ length: 6 }, (__, to) => key(from, to)).filter((one) => one.table_oid !== one.target_oid),
    ).flat();
    for (const rows of [[key(1, 2), key(2, 1)], [1, 2, 3, 4].flatMap((at) => [key(0, at), key(at, 0)]), everyOther]) {
      const fix = fixOf(rows);
      const opened = (names: readonly string[]) =>
        rows.map((row) => ({ ...row, is_deferrable: names.some((sql) => sql.includes(` ${row.constraint_name} `)) }));
      expect(judge(opened(fix))).toEqual([]);
      for (const sql of fix) expect(judge(opened(fix.filter((one) => one !== sql)))).toHaveLength(1);
    }
    expect(fixOf(everyOther)).toHaveLength(15);
  });

  it('are found in linear time, however long the chain', () => {
    const size = 50_000;
    const chain = new Map(
      Array.from({ length: size }, (_, at): [string, string[]] => [String(at), [String((at + 1) % size)]]),
    );
    expect(stronglyConnected(chain).map((component) => component.length)).toEqual([size]);
    chain.set(String(size - 1), []);
    expect(stronglyConnected(chain)).toHaveLength(size);
    judge(Array.from({ length: 20_000 }, (_, at) => key(at, at + 1)));
  });

  it('are told apart when they share no table', () => {
    const components = stronglyConnected(
      new Map([
        ['a', ['b']],
        ['b', ['a', 'c']],
        ['c', ['d']],
        ['d', ['c']],
        ['e', ['e', 'a']],
      ]),
    );
    expect(components.map((component) => component.toSorted().join(''))).toEqual(['cd', 'ab', 'e']);
  });
});

describe('implied foreign keys', () => {
  const users = table('users', ['id int4 key']);
  const implied = (...tables: RelationRow[]) =>
    impliedForeignKeys(tables).map(
      (key) => `${key.table.bare_name}.${key.column} > ${key.target.bare_name}.${key.targetColumn}`,
    );

  it('follow the name of a table in singular or plural, in any spelling', () => {
    const categories = table('categories', ['id int4 key']);
    const person = table('people', ['id int8 key']);
    const rows = table('t', ['id int4 key', 'user_id int4', 'UserID int4', 'categoryid int8', 'person_id int4']);
    expect(implied(users, categories, person, rows)).toEqual([
      't.user_id > users.id',
      't.UserID > users.id',
      't.categoryid > categories.id',
      't.person_id > people.id',
    ]);
  });

  it('follow the name of a key that only one table has', () => {
    const sales = table('sales_territory', ['territory_id int4 key filled']);
    expect(implied(sales, table('t', ['id int4 key', 'territory_id int4']))).toEqual([
      't.territory_id > sales_territory.territory_id',
    ]);
    expect(implied(table('version_info', ['version int4 key']), table('t', ['id int4 key', 'version int4']))).toEqual(
      [],
    );
  });

  it('are none where types differ, a key exists, the pair is polymorphic, the table a copy, or the name means two', () => {
    const near = [
      table('a', ['id int4 key', 'user_id text']),
      table('b', ['id int4 key', 'user_id int4'], { references: [[[2], Number(users.relation_oid), [1]]] }),
      table('c', ['id int4 key', 'user_id int4', 'user_type text']),
      table('d_history', ['id int4 key', 'user_id int4']),
      table('e', ['user_id int4 key filled']),
      table('f', ['id int4 key', 'account_id int4']),
      table('account', ['id int4 key']),
      table('accounts', ['id int4 key']),
    ];
    expect(implied(users, ...near)).toEqual([]);
    expect(implied(users, table('g', ['id int4 key', 'user_id int4'], { schema_name: 'other' }))).toEqual([]);
    const unlogged = table('visitors', ['id int4 key'], { persistence: 'u' });
    expect(implied(unlogged, table('h', ['id int4 key', 'visitor_id int4']))).toEqual([]);
  });

  it('T28: name a constraint of at most 63 bytes in the fix', () => {
    const row = table(`${'ä'.repeat(25)}"x`, ['id int4 key', 'user_id int4']);
    const outcome = impliedForeignKey.findings([users, row], contextOf(impliedForeignKey));
    const [finding] = 'kind' in outcome ? [] : outcome;
    expect(finding?.fixSql?.split('\n')).toEqual([
      `alter table app.${'ä'.repeat(25)}"x add constraint "${'ä'.repeat(25)}""x_user__fkey" foreign key (user_id) references app.users (id) not valid;`,
      `alter table app.${'ä'.repeat(25)}"x validate constraint "${'ä'.repeat(25)}""x_user__fkey";`,
    ]);
  });

  it('take a name that no constraint of the table has, nor another one of the same fix', () => {
    const long = 'l'.repeat(55);
    const row = table(long, ['id int4 key', 'user_id int4', 'userid int4'], {
      fkey_names: [`${long}_us_fkey`],
    });
    const outcome = impliedForeignKey.findings([users, row], contextOf(impliedForeignKey));
    const [finding] = 'kind' in outcome ? [] : outcome;
    expect(finding?.undoSql?.split('\n')).toEqual([
      `alter table app.${long} drop constraint if exists ${long}_u_fkey1;`,
      `alter table app.${long} drop constraint if exists ${long}_u_fkey2;`,
    ]);
  });

  it('are found in linear time', () => {
    const many = Array.from({ length: 5000 }, (_, at) =>
      table(`thing${String(at)}x`, ['id int4 key', `thing${String((at + 1) % 5000)}x_id int4`]),
    );
    expect(implied(...many)).toHaveLength(5000);
  });
});

describe('owners', () => {
  const row = {
    schema_name: 'app',
    schema_owner: 'app_owner',
    is_common_owner: false,
    owner: 'app_owner',
    tables: ['app.a', 'app.b'],
  };

  it('are mixed where a schema has several, and the owner of the schema is right', () => {
    const judge = (rows: (typeof row)[]) => messages(mixedOwners.findings(rows, contextOf(mixedOwners)));
    expect(judge([row])).toEqual([]);
    expect(judge([{ ...row, schema_owner: 'postgres', is_common_owner: true }])).toEqual([]);
    expect(judge([{ ...row, owner: 'eve', tables: ['app.c', 'app.d', 'app.e'] }, row])).toEqual([
      'info: 3 of 5 tables in schema app belong to eve, others to app_owner.',
    ]);
    expect(judge([{ ...row, owner: 'eve' }])).toEqual([
      'info: Schema app belongs to app_owner, and its 2 tables to eve.',
    ]);
  });
});

describe('lists of values', () => {
  it('are read from a check that is one list and nothing else', () => {
    expect(
      [
        "CHECK ((a = ANY (ARRAY['x'::text, 'it''s'::text])))",
        "CHECK (((a)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[])))",
        "CHECK ((a = ANY (ARRAY['x'::text, 'y'::text]))) NOT VALID",
        "CHECK (((a = ANY (ARRAY['x'::text, 'y'::text])) OR (a IS NULL)))",
        "CHECK ((a <> ALL (ARRAY['x'::text, 'y'::text])))",
        'CHECK ((a = ANY (ARRAY[1, 2])))',
      ].map(listedValues),
    ).toEqual([['x', "it's"], ['x', 'y'], ['x', 'y'], undefined, undefined, undefined]);
  });

  it('have drifted apart from half of the values in common on', () => {
    const list = (name: string, ...values: string[]) => ({
      kind: 'enum' as const,
      schema_name: 'app',
      object_name: `app.${name}`,
      object_oid: '1',
      column_name: 'state',
      definition: 'state',
      labels: values,
    });
    const judge = (...rows: ReturnType<typeof list>[]) =>
      messages(valueListsDiffer.findings(rows, contextOf(valueListsDiffer)));
    expect(judge(list('a', 'x', 'y', 'z'), list('b', 'x', 'y'))).toEqual([
      "info: The list of values of column state in app.b lacks a value that app.a has: 'z'.",
    ]);
    expect(judge(list('s1', 'a', 'b', 'c'), list('s2', 'a', 'b'), list('s3', 'a', 'b', 'c', 'd'))).toEqual([
      "info: The lists of values of column state lack values that app.s3 has: app.s1 lacks 'd'; app.s2 lacks 'c', 'd'.",
    ]);
    expect(judge(list('a', 'x', 'y', 'z'), list('b', 'x', 'y', 'u'))).toEqual([]);
    expect(judge(list('a', 'x', 'y'), list('b', 'y', 'x'))).toEqual([]);
    expect(judge(list('a', 'x', 'y', 'z', 'u', 'v'), list('b', 'x', 'y'))).toEqual([]);
  });
});
