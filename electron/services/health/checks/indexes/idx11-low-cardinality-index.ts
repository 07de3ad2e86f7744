import { formatBytes, formatCount, formatPercent, plural } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { grantTables } from '../../unlock-sql.ts';
import { indexColumnSql, type IndexColumnRow } from './index-column-statistics.ts';

type Limit = 'minBytes' | 'minRows' | 'maxValues' | 'rareShare';

export const lowCardinalityIndex: HealthCheck<IndexColumnRow, Limit> = {
  id: 'IDX11',
  group: 'indexes',
  basis: 'estimate',
  title: 'Indexes on columns of few values',
  why: 'A search that keeps a third of the rows reads the whole table faster than an index. Only a rare value is worth one, and a partial index on that value alone is a fraction of the size.',
  thresholds: {
    minBytes: { usual: 1024 ** 2, unit: 'bytes', label: 'Smallest index that is reported' },
    minRows: { usual: 10_000, unit: 'rows', label: 'Rows of the smallest table that is looked at' },
    maxValues: { usual: 3, unit: 'count', label: 'Most distinct values' },
    rareShare: { usual: 0.05, unit: 'ratio', label: 'Share of the other values that makes a partial index worth it' },
  },
  requires: { privilege: 'SELECT on the tables: pg_stats shows only what the user may read' },
  sql: (facts, { minBytes }) => indexColumnSql(facts, minBytes),
  findings(rows, { facts, limits }) {
    // Deleting a row of a small referenced table searches by its value, however many rows have it.
    const candidates = rows.filter(
      (row) =>
        !row.is_unique &&
        !row.has_constraint &&
        !row.is_replica_identity &&
        !row.serves_foreign_key &&
        row.included_columns === 0 &&
        ['btree', 'hash'].includes(row.method) &&
        row.size_bytes >= limits.minBytes &&
        row.rows >= limits.minRows,
    );
    const hidden = candidates.filter((row) => row.distinct === null && !row.can_read);
    const findings = candidates.flatMap((row) => {
      // A column that is null throughout has no value at all: IDX10.
      if (row.distinct === null || row.distinct <= 0 || row.distinct > limits.maxValues) return [];
      const nulls = row.null_share ?? 0;
      const mostCommon = Math.max(row.most_common_share ?? 0, nulls);
      const isSkewed = 1 - mostCommon <= limits.rareShare;
      const values = `${plural(row.distinct, 'value')}${nulls > 0 ? ' and nulls' : ''}`;
      return [
        {
          object: row.index_name,
          relationOid: Number(row.index_oid),
          severity: 'info' as const,
          message: isSkewed
            ? `Column ${row.column_name} of index ${row.index_name} (${formatBytes(row.size_bytes)}) has ${values}, and one of them in ${formatPercent(mostCommon)} of the rows: a partial index on the others would be small.`
            : `Column ${row.column_name} of index ${row.index_name} (${formatBytes(row.size_bytes)}) has ${values}: a search by it keeps a large part of ${row.table_name}.`,
          measure: row.size_bytes,
          evidence: [
            { label: 'Table', value: row.table_name },
            { label: 'Type', value: row.column_type },
            { label: 'Distinct values (estimate)', value: formatCount(row.distinct) },
            { label: 'Share of the most common one', value: formatPercent(mostCommon) },
            { label: 'Rows (estimate)', value: formatCount(row.rows) },
            { label: 'Scans', value: formatCount(row.scans) },
            { label: 'Definition', value: row.definition },
          ],
          confidence: row.scans > 0 ? ('low' as const) : ('medium' as const),
          confidenceReason:
            row.scans > 0
              ? 'It is in use: the planner finds it worth reading, or an order or a join asks for it.'
              : 'The number of values is an estimate of the last analyze.',
        },
      ];
    });
    return hidden.length === 0
      ? findings
      : cannotTell(
          `The values of ${plural(hidden.length, 'index', 'indexes')} cannot be read: ${facts.user} may not read the tables.`,
          {
            unlockSql: grantTables(
              hidden.map((row) => row.schema_name),
              facts,
            ),
            findings,
          },
        );
  },
};
