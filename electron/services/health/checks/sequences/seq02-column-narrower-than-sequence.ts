import { formatBytes, formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import {
  columnLimit,
  columnStart,
  domainCaution,
  growthHeld,
  isReachedFirst,
  referencesCaution,
  rewriteCaution,
  sequenceLimit,
  sequenceSlicesSql,
  sequenceUseSql,
  usedShare,
  withReadableSequences,
  type SequenceUseRow,
} from './sequence-use.ts';

export const columnNarrowerThanSequence: HealthCheck<SequenceUseRow, 'warnShare' | 'criticalShare'> = {
  id: 'SEQ02',
  group: 'sequences',
  basis: 'catalog',
  title: 'Integer columns that run out before their sequence',
  why: 'A bigint sequence goes on after the integer column it feeds is full: inserts then fail with "integer out of range", while the sequence itself looks fine.',
  requires: { privilege: 'USAGE or SELECT on the sequences' },
  thresholds: {
    // fresha/pgdoctor: 50 and 75 % of an integer.
    warnShare: { usual: 0.5, unit: 'ratio', label: 'Share of the column’s values that is a warning' },
    criticalShare: { usual: 0.75, unit: 'ratio', label: 'Share of the column’s values that is critical' },
  },
  sql: (_facts, _limits, part) => sequenceUseSql(part),
  slicesSql: sequenceSlicesSql,
  findings(rows, { facts, limits }) {
    const findings = rows.flatMap((row) => {
      const limit = columnLimit(row);
      // Where the sequence ends first, SEQ01 speaks.
      if (limit === undefined || isReachedFirst(row, sequenceLimit(row), limit)) return [];
      const share = usedShare(row, limit, columnStart(row));
      if (share < Math.min(limits.warnShare, limits.criticalShare)) return [];
      const column = `${row.table_name ?? ''}.${row.column_name ?? ''}`;
      return [
        {
          object: column,
          ...(row.table_oid === null ? {} : { relationOid: Number(row.table_oid) }),
          severity: share >= limits.criticalShare ? ('critical' as const) : ('warning' as const),
          message: `Column ${column} (${row.declared_type ?? ''}) has used ${formatPercent(share)} of its values; its sequence would go on.`,
          measure: share,
          evidence: [
            { label: 'Sequence', value: `${row.sequence_name} (${row.sequence_type})` },
            typeof row.next_value === 'string'
              ? { label: 'Next value', value: formatCount(row.next_value) }
              : { label: 'Last value', value: formatCount(row.last_value ?? 0) },
            { label: 'Column ends at', value: formatCount(limit.toString()) },
            { label: 'Kind', value: row.is_identity ? 'identity' : 'default nextval' },
            { label: 'Size of the table (estimate)', value: formatBytes(row.table_bytes ?? 0) },
          ],
          ...fixOf(row),
          confidence: 'high' as const,
        },
      ];
    });
    return withReadableSequences(findings, rows, facts);
  },
};

function fixOf(row: SequenceUseRow): { fixSql?: string; undoSql?: string; lock?: string; caution: string } {
  if (row.has_domain) return { caution: domainCaution };
  const held = growthHeld([row]);
  if (held !== undefined) return { caution: `${held} ${rewriteCaution} ${referencesCaution}` };
  const alter = `alter table ${row.table_name ?? ''} alter column ${row.column_name ?? ''} type`;
  return {
    fixSql: `${alter} bigint;`,
    // The sequence of an identity column follows the type of its column, in this direction too.
    undoSql: `${alter} ${row.declared_type ?? ''};${row.is_identity ? `\nalter sequence ${row.sequence_name} as ${row.sequence_type};` : ''}`,
    lock: lockTexts.accessExclusiveRewrite,
    caution: `${rewriteCaution} ${referencesCaution}`,
  };
}
