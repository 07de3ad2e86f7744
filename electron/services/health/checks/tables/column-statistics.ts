import type { HealthFacts } from '../../health-check.ts';

/** SQL expressions that say which column is meant. */
interface ColumnPlace {
  readonly relationOid: string;
  readonly schemaName: string;
  readonly relationName: string;
  readonly columnNumber: string;
  readonly columnName: string;
}

/**
 * The statistics of one column, as a lateral subquery with `avg_width`, `null_frac`, `n_distinct` and
 * `common_shares`. A superuser reads the catalog by its key; others the view, which shows what they may read.
 */
export function columnStatistics(facts: HealthFacts, place: ColumnPlace): string {
  return facts.isSuperuser
    ? `(
    select
      statistic.stawidth as avg_width,
      statistic.stanullfrac as null_frac,
      statistic.stadistinct as n_distinct,
      case when statistic.stakind1 = 1 then statistic.stanumbers1 end as common_shares
    from pg_catalog.pg_statistic as statistic
    where statistic.starelid = ${place.relationOid}
      and statistic.staattnum = ${place.columnNumber}
      and not statistic.stainherit
  )`
    : `(
    select
      statistic.avg_width,
      statistic.null_frac,
      statistic.n_distinct,
      statistic.most_common_freqs as common_shares
    from pg_catalog.pg_stats as statistic
    where statistic.schemaname = ${place.schemaName}
      and statistic.tablename = ${place.relationName}
      and statistic.attname = ${place.columnName}
      and not statistic.inherited
  )`;
}

/** True where `pg_stats` shows the current user everything about the table. */
export function canReadStatistics(tableOid: string): string {
  return `pg_catalog.has_table_privilege(${tableOid}, 'select')
    and not pg_catalog.row_security_active(${tableOid})`;
}
