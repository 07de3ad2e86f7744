/** A table, and the partitioned table at the top of its tree; itself where it is no partition. */
export interface RootedRow {
  readonly table_oid: string;
  readonly table_name: string;
  readonly root_oid: string;
  readonly root_name: string;
}

/** Tables that are reported together: partitions of one table, or one table. */
export interface Family<Row> {
  /** Of the one table, where there is only one. */
  readonly oid: number;
  /** Of partitions that of the table at the top, of one as of many: it stays the same while their number changes. */
  readonly name: string;
  /** `Table app.t`, `Partition app.p of app.t`, or `3 partitions of app.t`. */
  readonly title: string;
  /** The same within a sentence about its rows: `app.t`, `app.p`, or `3 partitions of app.t`. */
  readonly phrase: string;
  /** Several partitions. */
  readonly isPartitioned: boolean;
  readonly rows: readonly Row[];
}

/** Columns `root_oid` and `root_name`, for a query that has `table_class` and `schema`. */
export const rootColumns = `
  coalesce(root.oid, table_class.oid)::int8 as root_oid,
  case when root.oid is null then format('%I.%I', schema.nspname, table_class.relname)
    else format('%I.%I', root_schema.nspname, root.relname) end as root_name`;

/** The joins that `rootColumns` needs. */
export const rootJoins = `
left join pg_catalog.pg_class as root
  on table_class.relispartition
  and root.oid = pg_catalog.pg_partition_root(table_class.oid)
left join pg_catalog.pg_namespace as root_schema on root_schema.oid = root.relnamespace`;

/** Gathers partitions under their table, in the order of the rows. */
export function families<Row extends RootedRow>(rows: readonly Row[]): Family<Row>[] {
  return [...Map.groupBy(rows, (row) => row.root_oid).values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const isPartitioned = members.length > 1;
    const name = first.root_name;
    const one = isPartition(first) ? `Partition ${first.table_name} of ${name}` : `Table ${name}`;
    return [
      {
        oid: Number(isPartitioned ? first.root_oid : first.table_oid),
        name,
        title: isPartitioned ? `${members.length} partitions of ${name}` : one,
        phrase: isPartitioned ? `${members.length} partitions of ${name}` : first.table_name,
        isPartitioned,
        rows: members,
      },
    ];
  });
}

function isPartition(row: RootedRow): boolean {
  return row.table_oid !== row.root_oid;
}

/** The sum of a number over the members. */
export function total<Row>(family: Family<Row>, number: (row: Row) => number): number {
  return family.rows.reduce((sum, row) => sum + number(row), 0);
}

/** `has` after one table, `have` after several. */
export function verb(family: Family<unknown>, one: string, many: string): string {
  return family.isPartitioned ? many : one;
}

/** The evidence line that names the partitions, the first twenty of them. */
export function partitionsEvidence<Row extends RootedRow>(
  family: Family<Row>,
  describe: (row: Row) => string,
): { label: string; value: string }[] {
  if (!family.rows.some(isPartition)) return [];
  const named = family.rows.slice(0, 20).map((row) => `${row.table_name} (${describe(row)})`);
  const more = family.rows.length - named.length;
  return [{ label: 'Partitions', value: `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}` }];
}

/** One statement per member, a line each. */
export function eachTable<Row extends RootedRow>(
  family: Family<Row>,
  statement: (table: string, row: Row) => string,
): string {
  return family.rows.map((row) => statement(row.table_name, row)).join('\n');
}
