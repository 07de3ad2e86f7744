import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import {
  isUtility,
  judgeStatements,
  oneLine,
  statementsSql,
  type StatementRow,
  type StatementsRow,
} from './statements-sql.ts';

type LimitName = 'minCalls' | 'blocksPerCall' | 'tempBlocksPerCall' | 'rowsPerCall' | 'walPerCall';

const maxNamed = 20;

export const heavyStatements: HealthCheck<StatementsRow, LimitName> = {
  id: 'QRY03',
  group: 'queries',
  basis: 'statistics',
  title: 'Statements that move much data each time',
  why: 'A statement that reads thousands of blocks, spills to disk, returns thousands of rows or writes megabytes of WAL in every call loads the whole server, even where nobody waits for it.',
  requires: { extension: 'pg_stat_statements', privilege: 'pg_read_all_stats' },
  thresholds: {
    // pgFirstAid's numbers.
    minCalls: { usual: 20, unit: 'count', label: 'Fewest calls' },
    blocksPerCall: { usual: 1000, unit: 'count', label: 'Blocks read from outside shared buffers, a call' },
    tempBlocksPerCall: { usual: 1000, unit: 'count', label: 'Blocks of temporary files written, a call' },
    rowsPerCall: { usual: 10_000, unit: 'rows', label: 'Rows a call' },
    walPerCall: { usual: 1024 ** 2, unit: 'bytes', label: 'WAL a call' },
  },
  sql: (facts) => statementsSql(facts),
  findings(rows, { facts, limits }) {
    const reasonsOf = (row: StatementRow): string[] => {
      const perCall = (value: string) => Number(value) / Math.max(1, Number(row.calls));
      const bytes = (blocks: number) => formatBytes(blocks * row.block_bytes);
      return [
        perCall(row.temp_blocks_written) >= limits.tempBlocksPerCall &&
          `writes ${bytes(perCall(row.temp_blocks_written))} of temporary files`,
        perCall(row.blocks_read) >= limits.blocksPerCall &&
          `reads ${bytes(perCall(row.blocks_read))} from outside shared buffers`,
        perCall(row.rows) >= limits.rowsPerCall && `handles ${formatCount(perCall(row.rows))} rows`,
        perCall(row.wal_bytes) >= limits.walPerCall && `writes ${formatBytes(perCall(row.wal_bytes))} of WAL`,
      ].filter((reason) => reason !== false);
    };
    return judgeStatements(rows, facts, (statements) =>
      statements
        .filter((row) => Number(row.calls) >= limits.minCalls && !isUtility(row.query))
        .map((row) => ({ row, reasons: reasonsOf(row) }))
        .filter(({ reasons }) => reasons.length > 0)
        .slice(0, maxNamed)
        .map(({ row, reasons }) => ({
          object: `query ${row.query_id}`,
          severity: 'info' as const,
          message: `On average one call of a statement ${reasons.join(', ')}.`,
          evidence: [
            { label: 'Statement', value: oneLine(row.query) },
            { label: 'Calls', value: formatCount(row.calls) },
            { label: 'Rows', value: formatCount(row.rows) },
            { label: 'Blocks read', value: formatCount(row.blocks_read) },
            { label: 'Temporary blocks written', value: formatCount(row.temp_blocks_written) },
            { label: 'WAL', value: formatBytes(row.wal_bytes) },
          ],
          confidence: 'high' as const,
        })),
    );
  },
};
