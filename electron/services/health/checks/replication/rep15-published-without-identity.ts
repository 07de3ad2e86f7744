import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly publications: string;
  readonly identity: string;
}

export const publishedWithoutIdentity: HealthCheck<Row> = {
  id: 'REP15',
  group: 'replication',
  basis: 'catalog',
  title: 'Published tables without a replica identity',
  why: 'Updates and deletes of a table that is published need a key to find the row on the other side. Without one PostgreSQL refuses them on the publisher.',
  // Run on PostgreSQL 13 to 18. A publication of inserts only needs no identity.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  string_agg(distinct quote_ident(publication.pubname), ', ') as publications,
  table_class.relreplident::text as identity
from pg_catalog.pg_publication as publication
cross join lateral pg_catalog.pg_get_publication_tables(publication.pubname) as published
join pg_catalog.pg_class as table_class on table_class.oid = published.relid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where (publication.pubupdate or publication.pubdelete)
  and (
    table_class.relreplident = 'n'
    or table_class.relreplident = 'd' and not exists (
      select
      from pg_catalog.pg_index as ind
      where ind.indrelid = table_class.oid
        and ind.indisprimary
        and ind.indimmediate
    )
    or table_class.relreplident = 'i' and not exists (
      select
      from pg_catalog.pg_index as ind
      where ind.indrelid = table_class.oid
        and ind.indisreplident
    )
  )
group by table_class.oid, schema.nspname, table_class.relname, table_class.relreplident
order by table_name`,
  findings(rows) {
    const reset: Readonly<Record<string, string>> = { n: 'nothing', d: 'default', i: 'default' };
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'critical' as const,
      message: `Table ${row.table_name} is published by ${row.publications}, but has no replica identity: its updates and deletes fail.`,
      evidence: [{ label: 'Publications', value: row.publications }],
      fixSql: `alter table ${row.table_name} replica identity full;`,
      undoSql: `alter table ${row.table_name} replica identity ${reset[row.identity] ?? 'default'};`,
      lock: lockTexts.accessExclusiveShort,
      caution: 'FULL writes whole rows to WAL; a primary key is better.',
      confidence: 'high' as const,
    }));
  },
};
