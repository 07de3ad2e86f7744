import type {
  Catalog,
  ForeignKey,
  RelationDetail,
  RelationKind,
  RelationSummary,
  SchemaGraph,
} from '#contract/schema.ts';

import type { CatalogReader, ReadOptions } from '../../postgres/catalog-reader.ts';
import { StewardError } from '../../postgres/failure.ts';
import * as catalogQueries from './queries/catalog-queries.ts';
import * as graphQueries from './queries/graph-queries.ts';
import * as relationQueries from './queries/relation-queries.ts';
import { relationDdl } from './relation-ddl.ts';

const relationKindOf: Readonly<Record<string, RelationKind>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
  S: 'sequence',
};

const typeKindOf: Readonly<Record<string, Catalog['types'][number]['kind']>> = {
  e: 'enum',
  c: 'composite',
  d: 'domain',
  r: 'range',
};

const actionOf: Readonly<Record<string, ForeignKey['onDelete']>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
};

const constraintKindOf: Readonly<Record<string, RelationDetail['constraints'][number]['kind']>> = {
  p: 'primary key',
  u: 'unique',
  f: 'foreign key',
  c: 'check',
  x: 'exclusion',
  t: 'trigger',
};

/**
 * With an empty search_path: every name is printed whole, and no operator or function of a user's schema can stand in
 * for PostgreSQL's own.
 */
function pinned(signal: AbortSignal | undefined): ReadOptions {
  return { qualifiedNames: true, ...(signal ? { signal } : {}) };
}

/** Everything that the explorer lists. The queries run side by side, each on a session of the pool. */
export async function readCatalog(reader: CatalogReader, signal?: AbortSignal): Promise<Catalog> {
  const options = pinned(signal);
  const [schemas, relations, functions, types, extensions, size] = await Promise.all([
    reader.rows<catalogQueries.SchemaRow>(catalogQueries.schemasQuery, options),
    reader.rows<catalogQueries.RelationRow>(catalogQueries.relationsQuery, options),
    reader.rows<catalogQueries.FunctionRow>(catalogQueries.functionsQuery, options),
    reader.rows<catalogQueries.TypeRow>(catalogQueries.typesQuery, options),
    reader.rows<catalogQueries.ExtensionRow>(catalogQueries.extensionsQuery, options),
    databaseSize(reader, signal),
  ]);
  return {
    database: reader.server.database,
    databaseSizeBytes: size,
    schemas,
    relations: relations.map(relationSummary),
    functions,
    types: types.map((type) => ({ ...type, kind: typeKindOf[type.kind] ?? 'composite' })),
    extensions,
  };
}

/** pg_database_size needs CONNECT on the database or pg_read_all_stats; null where the role has neither. */
async function databaseSize(reader: CatalogReader, signal?: AbortSignal): Promise<number | null> {
  const rows = await reader
    .rows<{ bytes: string }>(
      'select pg_catalog.pg_database_size(pg_catalog.current_database())::text as bytes',
      pinned(signal),
    )
    .catch((error: unknown) => {
      if ((error as { code?: string }).code === '42501') return [];
      throw error;
    });
  return numberOrNull(rows[0]?.bytes ?? null);
}

/** What a diagram of the database is drawn from. */
export async function readGraph(reader: CatalogReader, signal?: AbortSignal): Promise<SchemaGraph> {
  const options = pinned(signal);
  const [relations, columns, keys] = await Promise.all([
    reader.rows<catalogQueries.RelationRow>(catalogQueries.relationsQuery, options),
    reader.rows<graphQueries.GraphColumnRow>(graphQueries.graphColumnsQuery, options),
    reader.rows<graphQueries.ForeignKeyRow>(graphQueries.foreignKeysQuery, { ...options, values: [null] }),
  ]);
  const foreignKeys = withoutRepeats(keys.map(foreignKey));
  const foreignColumns = new Set(
    foreignKeys.flatMap((key) => key.fromColumns.map((column) => `${key.fromOid} ${column}`)),
  );
  const columnsOf = Map.groupBy(columns, (column) => column.oid);
  const tables = relations.map(relationSummary).flatMap((relation): SchemaGraph['tables'] => {
    const { kind } = relation;
    if (kind !== 'table' && kind !== 'partitioned table' && kind !== 'foreign table') return [];
    return [
      {
        oid: relation.oid,
        schema: relation.schema,
        name: relation.name,
        kind,
        estimatedRows: relation.estimatedRows,
        sizeBytes: relation.sizeBytes,
        partitions: relation.partitions,
        columns: (columnsOf.get(relation.oid) ?? []).map((column) => ({
          name: column.name,
          type: column.type,
          notNull: column.not_null,
          primary: column.primary,
          foreign: foreignColumns.has(`${relation.oid} ${column.name}`),
        })),
      },
    ];
  });
  return { tables, foreignKeys };
}

/** The page of one relation. Throws `not_found` when it has been dropped since. */
export async function readRelation(reader: CatalogReader, oid: number, signal?: AbortSignal): Promise<RelationDetail> {
  return (await readRelationParts(reader, oid, signal)).detail;
}

/** The statements that would make the relation again. */
export async function readDdl(reader: CatalogReader, oid: number, signal?: AbortSignal): Promise<string> {
  const parts = await readRelationParts(reader, oid, signal);
  const [sequence] =
    parts.facts.kind === 'S'
      ? await reader.rows<relationQueries.SequenceRow>(relationQueries.sequenceQuery, {
          ...pinned(signal),
          values: [oid],
        })
      : [];
  return relationDdl({ ...parts, sequence });
}

async function readRelationParts(reader: CatalogReader, oid: number, signal?: AbortSignal) {
  const options = { ...pinned(signal), values: [oid] };
  const [factRows, columns, indexes, constraints, triggers, policies, partitions, activity, keys] = await Promise.all([
    reader.rows<relationQueries.RelationFactsRow>(relationQueries.relationFactsQuery, options),
    reader.rows<relationQueries.ColumnRow>(relationQueries.columnsQuery, options),
    reader.rows<relationQueries.IndexRow>(relationQueries.indexesQuery, options),
    reader.rows<relationQueries.ConstraintRow>(relationQueries.constraintsQuery, options),
    reader.rows<relationQueries.TriggerRow>(relationQueries.triggersQuery, options),
    reader.rows<relationQueries.PolicyRow>(relationQueries.policiesQuery, options),
    reader.rows<relationQueries.PartitionRow>(relationQueries.partitionsQuery, options),
    reader.rows<relationQueries.ActivityRow>(relationQueries.activityQuery, options),
    reader.rows<graphQueries.ForeignKeyRow>(graphQueries.foreignKeysQuery, options),
  ]);
  const facts = factRows[0];
  const kind = facts && relationKindOf[facts.kind];
  if (!facts || !kind)
    throw StewardError.of('not_found', 'This relation does not exist any more', {
      hint: 'It was dropped or made anew since the list was read. Refresh the explorer.',
    });
  const foreignKeys = keys.map(foreignKey);
  const stats = activity[0];
  const detail: RelationDetail = {
    oid: facts.oid,
    schema: facts.schema,
    name: facts.name,
    kind,
    sizeBytes: numberOrNull(facts.total_bytes),
    estimatedRows: facts.estimated_rows,
    partitions: partitions.length,
    comment: facts.comment,
    owner: facts.owner,
    tableBytes: numberOrNull(facts.table_bytes),
    indexBytes: numberOrNull(facts.index_bytes),
    toastBytes: numberOrNull(facts.toast_bytes),
    columns: columns.map((column) => ({
      position: column.position,
      name: column.name,
      type: column.type,
      notNull: column.not_null,
      default: column.default,
      generated: generatedKind(column),
      comment: column.comment,
      nullFraction: column.null_fraction,
      distinct: column.distinct,
      correlation: column.correlation,
    })),
    indexes: indexes.map(({ size_bytes, scans, ...index }) => ({
      ...index,
      sizeBytes: numberOrNull(size_bytes),
      scans: numberOrNull(scans),
    })),
    constraints: constraints.map((constraint) => ({
      name: constraint.name,
      kind: constraintKindOf[constraint.kind] ?? 'check',
      definition: constraint.definition,
      validated: constraint.validated,
    })),
    references: foreignKeys.filter((key) => key.fromOid === oid),
    referencedBy: foreignKeys.filter((key) => key.toOid === oid),
    triggers,
    policies: policies.map(({ name, command, roles, using, check }) => ({ name, command, roles, using, check })),
    partitionOf:
      facts.parent_oid === null
        ? null
        : {
            oid: facts.parent_oid,
            schema: facts.parent_schema ?? '',
            name: facts.parent_name ?? '',
            bound: facts.bound ?? '',
          },
    partitionKey: facts.partition_key,
    partitionList: partitions.map(({ size_bytes, ...partition }) => ({
      ...partition,
      sizeBytes: numberOrNull(size_bytes),
    })),
    viewDefinition: facts.view_definition,
    activity: stats
      ? {
          seqScans: Number(stats.seq_scans),
          indexScans: numberOrNull(stats.index_scans),
          liveRows: Number(stats.live_rows),
          deadRows: Number(stats.dead_rows),
          inserted: Number(stats.inserted),
          updated: Number(stats.updated),
          deleted: Number(stats.deleted),
          lastVacuum: stats.last_vacuum,
          lastAnalyze: stats.last_analyze,
        }
      : null,
  };
  return { detail, facts, columns, policies };
}

/** Keys declared on each partition of a table are one key of that table in a diagram. */
function withoutRepeats(keys: readonly ForeignKey[]): ForeignKey[] {
  const seen = new Map<string, ForeignKey>();
  for (const key of keys) {
    const identity = JSON.stringify([key.fromOid, key.fromColumns, key.toOid, key.toColumns]);
    const before = seen.get(identity);
    seen.set(
      identity,
      before
        ? { ...before, indexed: before.indexed && key.indexed, validated: before.validated && key.validated }
        : key,
    );
  }
  return [...seen.values()];
}

function relationSummary(row: catalogQueries.RelationRow): RelationSummary {
  return {
    oid: row.oid,
    schema: row.schema,
    name: row.name,
    kind: relationKindOf[row.kind] ?? 'table',
    sizeBytes: numberOrNull(row.size_bytes),
    estimatedRows: row.estimated_rows,
    partitions: row.partitions,
    comment: row.comment,
  };
}

function foreignKey(row: graphQueries.ForeignKeyRow): ForeignKey {
  return {
    oid: row.oid,
    name: row.name,
    fromOid: row.from_oid,
    fromSchema: row.from_schema,
    fromTable: row.from_table,
    fromColumns: row.from_columns,
    toOid: row.to_oid,
    toSchema: row.to_schema,
    toTable: row.to_table,
    toColumns: row.to_columns,
    onDelete: actionOf[row.on_delete] ?? 'no action',
    onUpdate: actionOf[row.on_update] ?? 'no action',
    validated: row.validated,
    optional: row.optional,
    unique: row.unique,
    indexed: row.indexed,
  };
}

function generatedKind(column: relationQueries.ColumnRow): RelationDetail['columns'][number]['generated'] {
  if (column.identity === 'a') return 'identity always';
  if (column.identity === 'd') return 'identity by default';
  if (column.generated === 's') return 'stored';
  if (column.generated === 'v') return 'virtual';
  return null;
}

function numberOrNull(text: string | null): number | null {
  return text === null ? null : Number(text);
}
