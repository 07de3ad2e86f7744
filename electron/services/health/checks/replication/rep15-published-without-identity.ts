import { mayHoldNulls } from '../../catalog-sql.ts';
import { plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

/** A table whose updates and deletes fail, and one publication because of which they do. */
interface Row {
  /** As it is published: the partitioned table where changes are published as its own. */
  readonly table_oid: string;
  readonly table_name: string;
  /** The table itself, or a partition of it: PostgreSQL looks at the identity of that one. */
  readonly leaf_name: string;
  readonly publication: string;
  readonly identity: string;
  readonly identity_index: string | null;
  readonly lacks_identity: boolean;
  /** Columns of the row filter that are no part of the identity. */
  readonly filter_outside: string | null;
  /** Columns of the identity that the column list leaves out. */
  readonly list_leaves_out: string | null;
  readonly full_with_list: boolean;
  /** A unique index over NOT NULL columns by which a row could be told; of a table without identity. */
  readonly candidate: string | null;
  readonly candidate_is_primary: boolean | null;
  /** True where any publication has a row filter for it, which may read other columns than an index has. */
  readonly has_filter: boolean;
  /** True where any publication has a column list for it, which FULL does not go with. */
  readonly has_list: boolean;
  /** Generated columns of the identity that are not published, which 18 and later refuse. */
  readonly generated_in_identity: string | null;
  /** True where any publication leaves out a generated column of the table, which FULL does not go with since 18. */
  readonly has_unpublished: boolean;
}

/** More partitions than this are not changed by one fix. */
const maxStatements = 100;

/**
 * Generated columns can be published since 18, stored ones only. One that is part of the identity and not published makes
 * updates fail; FULL has them all. A column list is judged by itself.
 */
const generatedSql = `
left join lateral (
  select
    count(*) > 0 as any,
    string_agg(quote_ident(attribute.attname), ', ' order by attribute.attnum) filter (
      where (leaf.relreplident = 'f' or entry.prattrs is null)
        and (leaf.relreplident = 'f' or attribute.attnum = any (identity.attnums))
    ) as in_identity
  from pg_catalog.pg_attribute as attribute
  where attribute.attrelid = leaf.oid
    and not attribute.attisdropped
    and (attribute.attgenerated = 'v' or attribute.attgenerated = 's' and published.generated <> 's')
) as unpublished on true`;

/** Row filters and column lists came with PostgreSQL 15. The columns of an index are names, as a partition may order its columns differently. */
const entrySql = `
left join pg_catalog.pg_publication_rel as entry
  on entry.prpubid = published.publication_oid
  and entry.prrelid = published.relid
left join lateral (
  select array_agg(attribute.attname) as names
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = ind.indrelid
    and attribute.attnum = any ((ind.indkey::int2[])[0:ind.indnkeyatts - 1])
  where ind.indexrelid = identity.index_oid
    and (entry.prqual is not null or entry.prattrs is not null)
) as identity_columns on true
left join lateral (
  select string_agg(quote_ident(attribute.attname), ', ' order by attribute.attnum) as columns
  from pg_catalog.pg_attribute as attribute
  where attribute.attrelid = published.relid
    and attribute.attnum in (
      select var[1]::int2 from regexp_matches(entry.prqual::text, ':varattno (-?[0-9]+)', 'g') as var
    )
    and attribute.attname <> all (identity_columns.names)
) as filter_columns on entry.prqual is not null
left join lateral (
  select string_agg(quote_ident(name), ', ') as columns
  from unnest(identity_columns.names) as name
  where name not in (
    select attribute.attname
    from pg_catalog.pg_attribute as attribute
    where attribute.attrelid = published.relid
      and attribute.attnum = any (entry.prattrs::int2[])
  )
) as missing_columns on entry.prattrs is not null`;

export const publishedWithoutIdentity: HealthCheck<Row> = {
  id: 'REP15',
  group: 'replication',
  basis: 'catalog',
  title: 'Published tables without a replica identity',
  why: 'Updates and deletes of a table that is published need a key to find the row on the other side. Without one PostgreSQL refuses them on the publisher.',
  // Run on PostgreSQL 13 to 18. A publication of inserts only needs no identity.
  sql: (facts) => {
    const hasEntries = facts.versionNum >= 150_000;
    const publishesGenerated = facts.versionNum >= 180_000;
    const mayBeNull = mayHoldNulls('attribute', facts.versionNum);
    return `
with published as materialized (
  select
    publication.oid as publication_oid,
    quote_ident(publication.pubname) as publication,
    published.relid,
    ${publishesGenerated ? 'publication.pubgencols' : "'n'"} as generated
  from pg_catalog.pg_publication as publication
  cross join lateral pg_catalog.pg_get_publication_tables(publication.pubname) as published
  where publication.pubupdate or publication.pubdelete
),
judged as (
  select
    root.oid::int8 as table_oid,
    format('%I.%I', root_schema.nspname, root.relname) as table_name,
    format('%I.%I', leaf_schema.nspname, leaf.relname) as leaf_name,
    published.publication,
    leaf.relreplident::text as identity,
    identity.index_name as identity_index,
    leaf.relreplident <> 'f' and identity.index_oid is null as lacks_identity,
    ${hasEntries ? 'filter_columns.columns' : 'null'} as filter_outside,
    ${hasEntries ? 'missing_columns.columns' : 'null'} as list_leaves_out,
    ${hasEntries ? "leaf.relreplident = 'f' and entry.prattrs is not null" : 'false'} as full_with_list,
    ${hasEntries ? 'bool_or(entry.prattrs is not null) over (partition by leaf.oid)' : 'false'} as has_list,
    ${hasEntries ? 'bool_or(entry.prqual is not null) over (partition by leaf.oid)' : 'false'} as has_filter,
    ${publishesGenerated ? 'unpublished.in_identity' : 'null'} as generated_in_identity,
    ${publishesGenerated ? 'bool_or(unpublished.any) over (partition by leaf.oid)' : 'false'} as has_unpublished,
    candidate.index_name as candidate,
    candidate.is_primary as candidate_is_primary
  from published
  join pg_catalog.pg_class as root on root.oid = published.relid
  join pg_catalog.pg_namespace as root_schema on root_schema.oid = root.relnamespace
  -- A partitioned table's own identity does not reach its partitions.
  left join lateral pg_catalog.pg_partition_tree(root.oid) as member on root.relkind = 'p' and member.isleaf
  join pg_catalog.pg_class as leaf
    on leaf.oid = case root.relkind when 'p' then member.relid::oid else root.oid end
    and leaf.relkind = 'r'
  join pg_catalog.pg_namespace as leaf_schema on leaf_schema.oid = leaf.relnamespace
  left join lateral (
    select
      ind.indexrelid as index_oid,
      quote_ident(index_class.relname) as index_name,
      (ind.indkey::int2[])[0:ind.indnkeyatts - 1] as attnums
    from pg_catalog.pg_index as ind
    join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
    where ind.indrelid = leaf.oid
      and case leaf.relreplident
        when 'd' then ind.indisprimary and ind.indimmediate
        when 'i' then ind.indisreplident
        else false
      end
    limit 1
  ) as identity on true
  left join lateral (
    select
      quote_ident(index_class.relname) as index_name,
      ind.indisprimary as is_primary
    from pg_catalog.pg_index as ind
    join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
    where ind.indrelid = leaf.oid
      and leaf.relreplident <> 'f'
      and identity.index_oid is null
      and ind.indisunique
      and ind.indisvalid
      and ind.indimmediate
      and ind.indpred is null
      and ind.indexprs is null
      and not exists (
        select
        from pg_catalog.pg_attribute as attribute
        where attribute.attrelid = leaf.oid
          and attribute.attnum = any ((ind.indkey::int2[])[0:ind.indnkeyatts - 1])
          and (${mayBeNull}${publishesGenerated ? " or attribute.attgenerated <> ''" : ''})
      )
    order by ind.indisprimary desc, ind.indnkeyatts, ind.indexrelid
    limit 1
  ) as candidate on true${hasEntries ? entrySql : ''}${publishesGenerated ? generatedSql : ''}
)
select *
from judged
where lacks_identity
  or filter_outside is not null
  or list_leaves_out is not null
  or full_with_list
  or generated_in_identity is not null
order by table_name, leaf_name, publication`;
  },
  findings(rows) {
    const tables = new Map<string, Row[]>();
    for (const row of rows) tables.set(row.table_name, [...(tables.get(row.table_name) ?? []), row]);
    return [...tables.entries()].map(([table, own]) => {
      const publications = [...new Set(own.map((row) => row.publication))].join(', ');
      const leaves = [...new Map(own.map((row) => [row.leaf_name, row])).values()];
      const isPartitioned = leaves.some((row) => row.leaf_name !== table);
      return {
        object: table,
        relationOid: Number(own[0]?.table_oid),
        severity: 'critical' as const,
        message: `Table ${table} is published by ${publications}, but ${reasonOf(own, isPartitioned ? leaves.length : 0)}: its updates and deletes fail.`,
        evidence: [
          { label: 'Publications', value: publications },
          ...(isPartitioned
            ? [
                {
                  label: 'Partitions',
                  value: `${leaves
                    .slice(0, 5)
                    .map((row) => row.leaf_name)
                    .join(', ')}${leaves.length > 5 ? ' …' : ''}`,
                },
              ]
            : []),
        ],
        ...fixOf(own, leaves, isPartitioned),
        confidence: 'high' as const,
      };
    });
  },
};

function reasonOf(rows: readonly Row[], partitions: number): string {
  if (rows.some((row) => row.lacks_identity)) {
    return partitions === 0
      ? 'has no replica identity'
      : `${plural(partitions, 'partition has', 'partitions have')} no replica identity`;
  }
  const filtered = rows.find((row) => row.filter_outside !== null);
  if (filtered !== undefined)
    return `its row filter reads ${filtered.filter_outside ?? ''}, which the replica identity does not have`;
  const listed = rows.find((row) => row.list_leaves_out !== null);
  if (listed !== undefined) return `its column list leaves out ${listed.list_leaves_out ?? ''} of the replica identity`;
  if (rows.some((row) => row.full_with_list)) return 'its column list does not go with replica identity FULL';
  const generated = rows.find((row) => row.generated_in_identity !== null)?.generated_in_identity ?? '';
  return `its replica identity has generated columns that are not published (${generated})`;
}

function fixOf(
  rows: readonly Row[],
  leaves: readonly Row[],
  isPartitioned: boolean,
): { fixSql?: string; undoSql?: string; lock?: string; caution: string } {
  if (rows.some((row) => row.has_list)) {
    return {
      caution:
        'FULL does not go with a column list. Give the table a primary key or a unique index as its replica identity, and have all its columns in the list (ALTER PUBLICATION ... SET TABLE names every table of the publication).',
    };
  }
  const later = isPartitioned ? ' Partitions do not take it over from their table: later ones need it too.' : '';
  if (leaves.length > maxStatements) {
    return {
      caution: `Each partition needs ALTER TABLE ... REPLICA IDENTITY FULL, or a primary key on the partitioned table.${later}`,
    };
  }
  const isFull = leaves.some((leaf) => betterIdentity(leaf) === 'full');
  if (rows.some((row) => row.generated_in_identity !== null || (isFull && row.has_unpublished))) {
    return {
      caution: `FULL has generated columns in it, which must be published then. Give the table a primary key or a unique index without them as its replica identity.${later} publish_generated_columns = stored in the publication helps where all of them are stored, and sends them to subscribers as ordinary columns.`,
    };
  }
  return {
    fixSql: leaves.map((leaf) => `alter table ${leaf.leaf_name} replica identity ${betterIdentity(leaf)};`).join('\n'),
    undoSql: leaves.map((leaf) => `alter table ${leaf.leaf_name} replica identity ${identityOf(leaf)};`).join('\n'),
    lock: lockTexts.accessExclusiveShort,
    caution: !isFull
      ? `An index that is the replica identity must stay: without it updates and deletes fail again.${later}`
      : rows.some((row) => row.lacks_identity)
        ? `FULL writes whole rows to WAL; a primary key is better.${later}`
        : `FULL writes whole rows to WAL; a row filter on columns of the key is better.${later}`,
  };
}

function betterIdentity(row: Row): string {
  if (row.candidate === null || row.has_filter) return 'full';
  return row.candidate_is_primary === true ? 'default' : `using index ${row.candidate}`;
}

function identityOf(row: Row): string {
  if (row.identity === 'n') return 'nothing';
  if (row.identity === 'i' && row.identity_index !== null) return `using index ${row.identity_index}`;
  return 'default';
}
