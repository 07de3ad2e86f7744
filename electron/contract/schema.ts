import { procedure } from './failure.ts';
import { z } from './zod.ts';

export const relationKinds = [
  'table',
  'partitioned table',
  'view',
  'materialized view',
  'foreign table',
  'sequence',
] as const;
export type RelationKind = (typeof relationKinds)[number];

/** One line of the explorer: names first, details on demand. Partitions are folded into their parent. */
export const relationSummarySchema = z.object({
  oid: z.number().int(),
  schema: z.string(),
  name: z.string(),
  kind: z.enum(relationKinds),
  /** pg_total_relation_size, partitions included; null where the role may not see it. */
  sizeBytes: z.number().nullable(),
  /** pg_class.reltuples (summed over partitions); null when never analyzed. */
  estimatedRows: z.number().nullable(),
  partitions: z.number().int(),
  comment: z.string().nullable(),
});
export type RelationSummary = z.infer<typeof relationSummarySchema>;

export const catalogSchema = z.object({
  database: z.string(),
  databaseSizeBytes: z.number().nullable(),
  schemas: z.array(z.object({ name: z.string(), owner: z.string(), comment: z.string().nullable() })),
  relations: z.array(relationSummarySchema),
  functions: z.array(
    z.object({
      oid: z.number().int(),
      schema: z.string(),
      name: z.string(),
      kind: z.string(),
      arguments: z.string(),
      result: z.string().nullable(),
      language: z.string(),
    }),
  ),
  types: z.array(
    z.object({
      oid: z.number().int(),
      schema: z.string(),
      name: z.string(),
      kind: z.enum(['enum', 'composite', 'domain', 'range']),
    }),
  ),
  extensions: z.array(z.object({ name: z.string(), version: z.string(), schema: z.string() })),
});
export type Catalog = z.infer<typeof catalogSchema>;

export const columnSchema = z.object({
  position: z.number().int(),
  name: z.string(),
  type: z.string(),
  notNull: z.boolean(),
  default: z.string().nullable(),
  /** `always` or `by default` identity; `stored` or `virtual` generated column. */
  generated: z.enum(['identity always', 'identity by default', 'stored', 'virtual']).nullable(),
  comment: z.string().nullable(),
  nullFraction: z.number().nullable(),
  distinct: z.number().nullable(),
  correlation: z.number().nullable(),
});

export const indexSchema = z.object({
  oid: z.number().int(),
  name: z.string(),
  definition: z.string(),
  method: z.string(),
  unique: z.boolean(),
  primary: z.boolean(),
  valid: z.boolean(),
  sizeBytes: z.number().nullable(),
  scans: z.number().nullable(),
  constraint: z.string().nullable(),
});

export const constraintSchema = z.object({
  name: z.string(),
  kind: z.enum(['primary key', 'unique', 'foreign key', 'check', 'exclusion', 'not null', 'trigger']),
  definition: z.string(),
  validated: z.boolean(),
});

/** A foreign key, seen from either side. Columns are in key order. */
export const foreignKeySchema = z.object({
  oid: z.number().int(),
  name: z.string(),
  fromOid: z.number().int(),
  fromSchema: z.string(),
  fromTable: z.string(),
  fromColumns: z.array(z.string()),
  toOid: z.number().int(),
  toSchema: z.string(),
  toTable: z.string(),
  toColumns: z.array(z.string()),
  onDelete: z.enum(['no action', 'restrict', 'cascade', 'set null', 'set default']),
  onUpdate: z.enum(['no action', 'restrict', 'cascade', 'set null', 'set default']),
  validated: z.boolean(),
  /** At least one referencing column may be null: the parent's side of the crow's foot is "zero or one". */
  optional: z.boolean(),
  /** The referencing columns are unique: the child's side is "one", not "many". */
  unique: z.boolean(),
  /** An index whose leading columns are the referencing columns exists. */
  indexed: z.boolean(),
});
export type ForeignKey = z.infer<typeof foreignKeySchema>;

export const relationDetailSchema = relationSummarySchema.extend({
  owner: z.string(),
  tableBytes: z.number().nullable(),
  indexBytes: z.number().nullable(),
  toastBytes: z.number().nullable(),
  columns: z.array(columnSchema),
  indexes: z.array(indexSchema),
  constraints: z.array(constraintSchema),
  references: z.array(foreignKeySchema),
  referencedBy: z.array(foreignKeySchema),
  triggers: z.array(z.object({ name: z.string(), definition: z.string(), enabled: z.boolean() })),
  policies: z.array(
    z.object({
      name: z.string(),
      command: z.string(),
      roles: z.array(z.string()),
      using: z.string().nullable(),
      check: z.string().nullable(),
    }),
  ),
  partitionOf: z.object({ oid: z.number().int(), schema: z.string(), name: z.string(), bound: z.string() }).nullable(),
  partitionKey: z.string().nullable(),
  partitionList: z.array(
    z.object({
      oid: z.number().int(),
      schema: z.string(),
      name: z.string(),
      bound: z.string(),
      sizeBytes: z.number().nullable(),
    }),
  ),
  viewDefinition: z.string().nullable(),
  activity: z
    .object({
      seqScans: z.number(),
      indexScans: z.number().nullable(),
      liveRows: z.number(),
      deadRows: z.number(),
      inserted: z.number(),
      updated: z.number(),
      deleted: z.number(),
      lastVacuum: z.string().nullable(),
      lastAnalyze: z.string().nullable(),
    })
    .nullable(),
});
export type RelationDetail = z.infer<typeof relationDetailSchema>;

export const graphTableSchema = z.object({
  oid: z.number().int(),
  schema: z.string(),
  name: z.string(),
  kind: z.enum(['table', 'partitioned table', 'foreign table']),
  estimatedRows: z.number().nullable(),
  sizeBytes: z.number().nullable(),
  partitions: z.number().int(),
  columns: z.array(
    z.object({ name: z.string(), type: z.string(), notNull: z.boolean(), primary: z.boolean(), foreign: z.boolean() }),
  ),
});
export type GraphTable = z.infer<typeof graphTableSchema>;

/** What a diagram is drawn from. Partitions are rolled into their parents, keys inherited by them left out. */
export const schemaGraphSchema = z.object({
  tables: z.array(graphTableSchema),
  foreignKeys: z.array(foreignKeySchema),
});
export type SchemaGraph = z.infer<typeof schemaGraphSchema>;

const onConnection = z.object({ connectionId: z.string() });

export const schema = {
  catalog: procedure.input(onConnection).output(catalogSchema),
  relation: procedure.input(onConnection.extend({ oid: z.number().int() })).output(relationDetailSchema),
  /** The statements that would make the relation again: table, constraints, indexes, comments, triggers, policies. */
  ddl: procedure.input(onConnection.extend({ oid: z.number().int() })).output(z.object({ sql: z.string() })),
  graph: procedure.input(onConnection).output(schemaGraphSchema),
};
