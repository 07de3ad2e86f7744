import { formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly gid: string;
  readonly gid_literal: string;
  readonly owner: string;
  readonly database_name: string;
  readonly is_here: boolean;
  readonly prepared_at: string;
  readonly age_ms: number;
}

export const preparedTransactions: HealthCheck<Row, 'warnSeconds' | 'criticalSeconds'> = {
  id: 'TXN04',
  group: 'locks',
  basis: 'moment',
  title: 'Forgotten prepared transactions',
  why: 'A prepared transaction keeps its locks and holds vacuum back until somebody commits it or rolls it back, even across restarts. A transaction manager does that within seconds.',
  // A standby lists none, although its primary may have some.
  requires: { role: 'primary' },
  thresholds: {
    // check_postgres: 30 seconds.
    warnSeconds: { usual: 30, unit: 'seconds', label: 'Age that is a warning' },
    criticalSeconds: { usual: 3600, unit: 'seconds', label: 'Age that is critical' },
  },
  // Run on PostgreSQL 13 to 18.
  sql: (_, limits) => `
select
  prepared.gid,
  quote_literal(prepared.gid) as gid_literal,
  quote_ident(prepared.owner) as owner,
  quote_ident(prepared.database) as database_name,
  prepared.database = current_database() as is_here,
  prepared.prepared::text as prepared_at,
  extract(epoch from clock_timestamp() - prepared.prepared)::float8 * 1000 as age_ms
from pg_catalog.pg_prepared_xacts as prepared
where prepared.prepared < clock_timestamp() - interval '1 second' * ${limits.warnSeconds}
order by prepared.prepared`,
  findings(rows, { limits }) {
    return rows.map((row) => ({
      object: `prepared transaction ${row.gid}`,
      severity: row.age_ms >= limits.criticalSeconds * 1000 ? ('critical' as const) : ('warning' as const),
      message: `Transaction ${row.gid} of ${row.owner} has been prepared for ${formatDuration(row.age_ms)}.`,
      measure: row.age_ms,
      evidence: [
        { label: 'Database', value: row.database_name },
        { label: 'Prepared', value: row.prepared_at },
      ],
      // PostgreSQL ends it only in its own database.
      ...(row.is_here ? { fixSql: `rollback prepared ${row.gid_literal};`, lock: lockTexts.none } : {}),
      caution: `Ask its transaction manager first: it may have promised to commit. Run it in ${row.database_name}, as ${row.owner} or a superuser.`,
      confidence: 'high' as const,
    }));
  },
};
