import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { eachTable, families, partitionsEvidence, total, verb, type Family } from './partition-families.ts';
import { hasWaited, patience, tableMeasures, tableUsageSql, type TableUsageRow } from './table-usage.ts';

const key = 'never analyzed rows';

export const neverAnalyzed: HealthCheck<TableUsageRow, 'minRows' | 'patience'> = {
  id: 'TAB06',
  group: 'tables',
  basis: 'estimate',
  title: 'Tables that were never analyzed',
  why: 'Without statistics the planner guesses how many rows a condition keeps, and picks joins and scans by that guess. Autovacuum analyzes a new table within minutes, where it is on; it never analyzes a partitioned table as a whole.',
  thresholds: {
    // pgFirstAid: more than 1,000 rows written.
    minRows: { usual: 1000, unit: 'rows', label: 'Fewest rows that were written' },
    patience,
  },
  requires: { role: 'primary' },
  sql: (facts) => tableUsageSql(facts),
  findings(rows, context) {
    const { limits } = context;
    const reported = rows.filter(
      (row) => isOpen(row, limits.minRows) && (!row.autovacuum_comes || hasWaited(key, row, context)),
    );
    const partitioned = rows.filter((row) => row.kind === 'p' && row.root_oid === row.table_oid && !row.has_statistics);
    // Without the right to read, 13 cannot tell whether a partitioned table has statistics.
    const known = partitioned.filter((row) => row.can_read || row.rows === -1);
    return [
      ...families(reported).map(plainFinding),
      ...known.flatMap((parent) => {
        const leaves = rows.filter((row) => row.root_oid === parent.table_oid && row.kind !== 'p');
        const rowCount = leaves.reduce((sum, leaf) => sum + Math.max(leaf.live_rows, leaf.rows), 0);
        return rowCount < limits.minRows ? [] : [partitionedFinding(parent, rowCount, leaves.length)];
      }),
    ];
  },
  measures: (rows, { limits }) =>
    tableMeasures(
      key,
      rows.filter((row) => isOpen(row, limits.minRows)),
      (row) => row.changed_rows,
    ),
};

function isOpen(row: TableUsageRow, minRows: number): boolean {
  return row.kind !== 'p' && !row.has_statistics && row.analyzed_at === null && row.changed_rows > minRows;
}

function plainFinding(family: Family<TableUsageRow>) {
  const changed = total(family, (row) => row.changed_rows);
  const size = total(family, (row) => row.size_bytes);
  const comes = family.rows.every((row) => row.autovacuum_comes);
  return {
    object: family.name,
    relationOid: family.oid,
    severity: 'warning' as const,
    message: `${family.title} ${verb(family, 'has', 'have')} never been analyzed; ${formatCount(changed)} rows were written (${formatBytes(size)})${comes ? '' : ', and autovacuum does not come'}.`,
    measure: changed,
    evidence: [
      { label: 'Rows written', value: formatCount(changed) },
      { label: 'Live rows', value: formatCount(total(family, (row) => row.live_rows)) },
      { label: 'Last analyze', value: 'none on record' },
      ...partitionsEvidence(family, (row) => formatCount(row.changed_rows)),
    ],
    fixSql: eachTable(family, (table) => `analyze ${table};`),
    lock: lockTexts.shareUpdateExclusive,
    ...(family.rows.every((row) => row.can_read)
      ? { confidence: 'high' as const }
      : {
          confidence: 'medium' as const,
          confidenceReason:
            'pg_stats hides this table, so older statistics may exist that a crash took off the record.',
        }),
  };
}

function partitionedFinding(parent: TableUsageRow, rowCount: number, partitions: number) {
  return {
    object: parent.table_name,
    relationOid: Number(parent.table_oid),
    severity: 'info' as const,
    message: `Partitioned table ${parent.table_name} (${formatCount(rowCount)} rows) has no statistics as a whole, and autovacuum does not gather them.`,
    measure: rowCount,
    evidence: [
      { label: 'Rows (estimate)', value: formatCount(rowCount) },
      { label: 'Partitions with rows', value: formatCount(partitions) },
      { label: 'Used for', value: 'joins and conditions that reach several partitions' },
    ],
    fixSql: `analyze ${parent.table_name};`,
    lock: lockTexts.shareUpdateExclusive,
    caution: 'Analyzes every partition as well; worth a scheduled job after large changes.',
    confidence: 'high' as const,
  };
}
