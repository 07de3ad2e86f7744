import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { formatCount, formatDuration } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { gainsSince } from '../cache/counter-gains.ts';
import { counterMeasure } from '../cache/database-counters.ts';
import { statementsVersion } from './statements-sql.ts';

interface Row {
  readonly is_loaded: boolean;
  readonly max_statements: string | null;
  readonly evictions: string | null;
  readonly age_ms: number | null;
}

const dayMs = 86_400_000;

export const statementsEvicted: HealthCheck<Row, 'perDay'> = {
  id: 'QRY08',
  group: 'queries',
  basis: 'statistics',
  title: 'Statement statistics that are thrown away',
  why: 'When more kinds of statements run than pg_stat_statements keeps, it forgets the rarest. Totals then miss what was forgotten, and the work of forgetting holds up all sessions for a moment.',
  requires: { minVersion: 140_000, extension: 'pg_stat_statements' },
  thresholds: {
    // The catalogue's "any, a day".
    perDay: { usual: 1, unit: 'count', label: 'Evictions a day that are reported' },
  },
  // Run on PostgreSQL 14 to 18. Each eviction forgets about 5 % of the statements.
  sql: (facts) => {
    const loaded = "pg_catalog.current_setting('pg_stat_statements.max', true)";
    const schema = quoteIdentifier(facts.extensions.get('pg_stat_statements')?.schema ?? 'public');
    return statementsVersion(facts) < 109
      ? `
select
  ${loaded} is not null as is_loaded,
  ${loaded} as max_statements,
  null::int8 as evictions,
  null::float8 as age_ms`
      : `
with info as materialized (
  -- Its function raises an error where the library is not loaded.
  select dealloc, stats_reset
  from ${schema}.pg_stat_statements_info
  where ${loaded} is not null
)
select
  server.max_statements is not null as is_loaded,
  server.max_statements,
  info.dealloc as evictions,
  extract(epoch from clock_timestamp() - info.stats_reset)::float8 * 1000 as age_ms
from (select ${loaded} as max_statements) as server
left join info on true`;
  },
  findings([row], context) {
    if (row === undefined) return [];
    if (!row.is_loaded) {
      return cannotTell('pg_stat_statements is installed, but its library is not loaded (QRY07).');
    }
    if (row.evictions === null || row.age_ms === null) {
      return cannotTell('This version of pg_stat_statements does not count evictions.', {
        unlockSql: 'alter extension pg_stat_statements update;',
      });
    }
    const recent = gainsSince(
      { evictions: { key: 'statements.evictions', value: Number(row.evictions) } },
      { ...context, facts: { ...context.facts, statsAgeMs: row.age_ms } },
    );
    const evictions = recent?.gained.evictions ?? Number(row.evictions);
    const windowMs = recent?.windowMs ?? row.age_ms;
    // In less than a day one burst is no rate.
    const perDay = (evictions * dayMs) / Math.max(dayMs, windowMs);
    if (evictions === 0 || perDay < context.limits.perDay) return [];
    const max = Number(row.max_statements ?? 5000);
    return [
      {
        object: 'pg_stat_statements.max',
        severity: 'warning',
        message: `pg_stat_statements forgot its rarest statements ${formatCount(evictions)} times in ${formatDuration(windowMs)}${recent ? ' since the last report' : ''}.`,
        measure: perDay,
        evidence: [
          { label: 'Evictions', value: formatCount(evictions) },
          { label: 'pg_stat_statements.max', value: formatCount(max) },
        ],
        fixSql: `alter system set pg_stat_statements.max = ${String(max * 2)};`,
        undoSql: `alter system set pg_stat_statements.max = ${String(max)};`,
        lock: lockTexts.none,
        caution:
          'Takes effect after a restart of the server. Statements that differ only in the length of a list, or name temporary tables, fill any size.',
        confidence: recent ? 'high' : 'medium',
        ...(recent ? {} : { confidenceReason: 'A total: it does not say when they happened.' }),
      },
    ];
  },
  measures([row]) {
    return row === undefined || row.evictions === null
      ? []
      : [counterMeasure('statements.evictions', 'Evictions of pg_stat_statements', row.evictions)];
  },
};
