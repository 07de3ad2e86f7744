import type { HealthFinding } from '#contract/health-model.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { nameList } from './fold-by-schema.ts';
import {
  isOfMigrationTool,
  primaryKeyOf,
  printedType,
  relationsSql,
  tablesOf,
  type ColumnTuple,
  type RelationRow,
} from './relations.ts';

const kinds = {
  created: {
    name: /^(?:created?|creation|inserted|insert|added)(?:_?(?:at|on|date|time|ts|timestamp))?$|^(?:date|time)_?(?:created|added|inserted)$/i,
    what: 'created',
  },
  updated: {
    name: /^(?:updated?|modified|changed|last_?(?:update|updated|modified|changed))(?:_?(?:at|on|date|time|ts|timestamp))?$|^(?:date|time)_?(?:updated|modified|changed)$/i,
    what: 'changed',
  },
} as const;

/** More tables than this are named, and not changed by one script. */
const maxFixed = 10;

export const missingAuditColumns: HealthCheck<RelationRow, 'minTables' | 'conventionShare'> = {
  id: 'SCH19',
  group: 'schema',
  basis: 'catalog',
  title: 'Tables that break the created/updated convention',
  why: 'Where most tables of a schema record when a row was created or changed, the ones that do not are usually forgotten. When something goes wrong, the time of a row is the first question.',
  thresholds: {
    // schemalint makes such columns mandatory by name; ours asks what the team's own tables have in common.
    minTables: { usual: 4, unit: 'count', label: 'Fewest tables of a schema that make a convention' },
    conventionShare: { usual: 0.75, unit: 'ratio', label: 'Share of the tables that makes it a convention' },
  },
  sql: relationsSql,
  // Pure link tables, children of other tables and the books of migration tools are left out.
  findings(rows, { limits }) {
    const tables = tablesOf(rows).filter(
      (row) => !row.inherits && !isOfMigrationTool(row.bare_name) && !isLinkTable(row),
    );
    return [...Map.groupBy(tables, (row) => row.schema_name)].flatMap(([schema, ofSchema]) =>
      (['created', 'updated'] as const).flatMap((kind) => {
        if (ofSchema.length < limits.minTables) return [];
        return brokenConvention(quoteIdentifier(schema), ofSchema, kind, limits.conventionShare);
      }),
    );
  },
};

/** One finding for the schema, where most of its tables have such a column and some do not. */
function brokenConvention(
  schema: string,
  tables: readonly RelationRow[],
  kind: keyof typeof kinds,
  conventionShare: number,
): HealthFinding[] {
  const { what } = kinds[kind];
  const having = tables.map((row) => auditColumn(row, kind)).filter((column) => column !== undefined);
  const lacking = tables.filter((row) => auditColumn(row, kind) === undefined);
  const share = having.length / tables.length;
  const usual = mostFrequent(having.map(([, name, , typeName]) => ({ name, typeName })));
  if (usual === undefined || lacking.length === 0 || share < conventionShare) return [];
  const name = quoteIdentifier(usual.name);
  return [
    {
      object: `schema ${schema}: ${name}`,
      severity: 'info',
      message: `${formatCount(having.length)} of ${formatCount(tables.length)} tables of schema ${schema} record when a row was ${what} (${formatPercent(share)}); these do not: ${nameList(
        lacking.map((row) => row.relation_name),
        6,
      )}.`,
      measure: lacking.length,
      evidence: [
        { label: 'Usual column', value: `${name} ${printedType(usual.typeName)}` },
        { label: 'Tables without one', value: nameList(lacking.map((row) => row.relation_name)) },
      ],
      // A default cannot keep the time of the last change: that takes a trigger, which only the team can choose.
      ...(kind === 'created' && lacking.length <= maxFixed
        ? {
            fixSql: lacking
              .map(
                (row) =>
                  `alter table ${row.relation_name} add column ${name} ${printedType(usual.typeName)};\nalter table ${row.relation_name} alter column ${name} set default now();`,
              )
              .join('\n'),
            undoSql: lacking.map((row) => `alter table ${row.relation_name} drop column ${name};`).join('\n'),
            lock: lockTexts.accessExclusiveShort,
          }
        : {}),
      caution:
        'Rows that exist have no such time. Tables that never change, and views with select *, may not want the column.',
      confidence: 'low',
      confidenceReason: 'A convention, not a rule.',
    },
  ];
}

function auditColumn(row: RelationRow, kind: keyof typeof kinds): ColumnTuple | undefined {
  return row.columns.find(
    ([, name, , typeName]) => kinds[kind].name.test(name) && ['timestamp', 'timestamptz', 'date'].includes(typeName),
  );
}

/** All its columns are of its key or refer to other tables. */
function isLinkTable(row: RelationRow): boolean {
  const covered = new Set([...primaryKeyOf(row), ...row.references.flatMap(([attnums]) => attnums)]);
  return row.references.length >= 2 && row.columns.every(([attnum]) => covered.has(attnum));
}

function mostFrequent(
  columns: readonly { readonly name: string; readonly typeName: string }[],
): { readonly name: string; readonly typeName: string } | undefined {
  return [...Map.groupBy(columns, ({ name, typeName }) => `${typeName} ${name}`).values()].toSorted(
    (left, right) => right.length - left.length,
  )[0]?.[0];
}
