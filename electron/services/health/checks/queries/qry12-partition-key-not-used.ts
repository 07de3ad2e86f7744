import { formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import {
  judgeStatements,
  meanMs,
  oneLine,
  statementsSql,
  type PartitionedTable,
  type StatementRow,
  type StatementsRow,
} from './statements-sql.ts';

const maxNamed = 20;

/** The identifiers of a statement as the catalog has them: folded where unquoted, unescaped where quoted. */
export function identifiersOf(query: string): Set<string> {
  const withoutText = query.replaceAll(/'(?:[^']|'')*'/g, ' ').replaceAll(/--[^\n]*|\/\*.*?\*\//gs, ' ');
  const names = new Set<string>();
  for (const [, quoted, plain] of withoutText.matchAll(/"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*)/gu)) {
    if (quoted !== undefined) names.add(quoted.replaceAll('""', '"'));
    else if (plain !== undefined) names.add(plain.toLowerCase());
  }
  return names;
}

/** True for a statement that reads rows of the table and names none of its key's columns anywhere. */
export function readsAllPartitions(row: StatementRow, table: PartitionedTable, names: ReadonlySet<string>): boolean {
  return (
    // A statement that is cut may name the key behind the cut.
    row.query_length !== null &&
    row.query_length === row.query?.length &&
    /^\s*(?:select|with|update|delete)\b/i.test(row.query) &&
    names.has(table.name) &&
    !names.has('natural') &&
    !table.key.some((column) => names.has(column))
  );
}

export const partitionKeyNotUsed: HealthCheck<StatementsRow, 'minCalls' | 'meanMs' | 'minPartitions'> = {
  id: 'QRY12',
  group: 'queries',
  basis: 'statistics',
  title: 'Partitioned tables read without their key',
  why: 'Partitions help a statement that names the partition key: it reads one of them and skips the rest. One that does not reads or probes them all, and gets slower with every new partition.',
  requires: { extension: 'pg_stat_statements', privilege: 'pg_read_all_stats' },
  thresholds: {
    // fresha/pgdoctor reports any; rare or quick statements are nobody's trouble.
    minCalls: { usual: 20, unit: 'count', label: 'Fewest calls' },
    meanMs: { usual: 20, unit: 'milliseconds', label: 'Mean time that is reported' },
    minPartitions: { usual: 4, unit: 'count', label: 'Fewest partitions' },
  },
  sql: (facts) => statementsSql(facts),
  findings(rows, { facts, limits }) {
    const tables = (rows[0]?.partitioned ?? []).filter((table) => table.partitions >= limits.minPartitions);
    return judgeStatements(rows, facts, (statements) =>
      statements
        .filter((row) => tables.length > 0 && Number(row.calls) >= limits.minCalls && meanMs(row) >= limits.meanMs)
        .flatMap((row) => {
          const names = identifiersOf(row.query ?? '');
          return tables.filter((table) => readsAllPartitions(row, table, names)).map((table) => ({ row, table }));
        })
        .slice(0, maxNamed)
        .map(({ row, table }) => ({
          object: `query ${row.query_id}`,
          severity: 'info' as const,
          message: `A statement on ${table.display} names no column of its partition key (${table.key.join(', ')}), so it looks into all ${formatCount(table.partitions)} partitions: ${formatDuration(meanMs(row))} on average.`,
          measure: row.total_ms,
          evidence: [
            { label: 'Statement', value: oneLine(row.query) },
            { label: 'Calls', value: formatCount(row.calls) },
            { label: 'Mean', value: formatDuration(meanMs(row)) },
          ],
          related: [{ name: table.display, oid: table.oid }],
          confidence: 'medium' as const,
          confidenceReason: 'Read from the text of the statement; its plan shows which partitions it visits.',
        })),
    );
  },
};
