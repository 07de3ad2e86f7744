import { formatBytes, formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { ageSeverity, transactionIdLimit } from './age-limits.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly age_xids: number;
  readonly part: string;
  readonly freeze_max_age: number;
  readonly size_bytes: string;
}

export const tableAge: HealthCheck<Row> = {
  id: 'XID02',
  group: 'transaction-ids',
  basis: 'moment',
  title: 'Transaction id age of tables',
  why: 'The oldest table decides the age of its database. One table that vacuum cannot finish, or never gets to, is enough to stop the server.',
  // Run on PostgreSQL 13 to 18. System tables count as well; a TOAST table ages on its own.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  greatest(age(table_class.relfrozenxid), coalesce(age(toast.relfrozenxid), 0)) as age_xids,
  case
    when age(toast.relfrozenxid) > age(table_class.relfrozenxid) then 'TOAST'
    else 'heap'
  end as part,
  pg_catalog.current_setting('autovacuum_freeze_max_age')::int4 as freeze_max_age,
  pg_catalog.pg_table_size(table_class.oid) as size_bytes
from pg_catalog.pg_class as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
left join pg_catalog.pg_class as toast on toast.oid = table_class.reltoastrelid
where table_class.relkind in ('r', 'm')
  and table_class.relfrozenxid <> '0'::xid
  and greatest(age(table_class.relfrozenxid), coalesce(age(toast.relfrozenxid), 0)) >= 1000000000
order by age_xids desc
limit 1000`,
  findings(rows) {
    return rows.flatMap((row) => {
      const severity = ageSeverity(row.age_xids, row.freeze_max_age);
      if (severity === undefined) return [];
      return [
        {
          object: row.table_name,
          relationOid: Number(row.table_oid),
          severity,
          message: `The oldest row of ${row.table_name} is ${formatCount(row.age_xids)} transactions old, ${formatPercent(row.age_xids / transactionIdLimit)} of the limit.`,
          evidence: [
            { label: 'Age', value: formatCount(row.age_xids) },
            { label: 'Oldest part', value: row.part },
            { label: 'Size', value: formatBytes(row.size_bytes) },
          ],
          fixSql: `vacuum (freeze) ${row.table_name};`,
          lock: lockTexts.shareUpdateExclusive,
          caution: 'It cannot freeze what an old transaction may still see: end that first (XID05).',
          confidence: 'high' as const,
        },
      ];
    });
  },
};
