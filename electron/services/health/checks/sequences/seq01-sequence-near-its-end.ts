import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import {
  columnLimit,
  distinctSequences,
  domainCaution,
  growthHeld,
  isDescending,
  isReachedFirst,
  referencesCaution,
  rewriteCaution,
  sequenceLimit,
  sequenceStart,
  sequenceSlicesSql,
  sequenceUseSql,
  usedShare,
  withReadableSequences,
  type SequenceUseRow,
} from './sequence-use.ts';

/** Sequences whose position is kept for forecasts: those that have used a tenth, the fullest of them. */
const measuredShare = 0.1;
const maxMeasured = 50;

export const sequenceNearItsEnd: HealthCheck<SequenceUseRow, 'warnShare' | 'criticalShare'> = {
  id: 'SEQ01',
  group: 'sequences',
  basis: 'catalog',
  title: 'Sequences near their end',
  why: 'A sequence that has reached its last value answers with an error, and every insert that needs a number fails from that moment.',
  requires: { privilege: 'USAGE or SELECT on the sequences' },
  thresholds: {
    // fresha/pgdoctor: 75 and 90 %.
    warnShare: { usual: 0.75, unit: 'ratio', label: 'Share of the sequence’s values that is a warning' },
    criticalShare: { usual: 0.9, unit: 'ratio', label: 'Share of the sequence’s values that is critical' },
  },
  sql: (_facts, _limits, part) => sequenceUseSql(part),
  slicesSql: sequenceSlicesSql,
  findings(rows, { facts, limits }) {
    const findings = distinctSequences(rows).flatMap((row) => {
      const limit = sequenceLimit(row);
      const share = usedShare(row, limit);
      if (row.cycles || share < Math.min(limits.warnShare, limits.criticalShare)) return [];
      const feeds = rows.filter((other) => other.sequence_oid === row.sequence_oid && other.table_name !== null);
      // Where a column is as narrow as its sequence, the sequence alone must not grow.
      const narrow = feeds.filter((column) => {
        const end = columnLimit(column);
        return end !== undefined && isReachedFirst(row, end, limit);
      });
      const left = (limit - BigInt(row.last_value ?? 0)) / BigInt(row.increment);
      return [
        {
          object: row.sequence_name,
          relationOid: Number(row.sequence_oid),
          severity: share >= limits.criticalShare ? ('critical' as const) : ('warning' as const),
          message: `Sequence ${row.sequence_name} has used ${formatPercent(share)} of its values; ${formatCount(left.toString())} are left.`,
          measure: share,
          evidence: [
            typeof row.next_value === 'string'
              ? { label: 'Next value', value: formatCount(row.next_value) }
              : { label: 'Last value', value: formatCount(row.last_value ?? 0) },
            { label: 'Ends at', value: formatCount(limit.toString()) },
            { label: 'Type', value: row.sequence_type },
            ...feeds.map((column) => ({
              label: 'Feeds',
              value: `${column.table_name ?? ''}.${column.column_name ?? ''} (${column.declared_type ?? ''})`,
            })),
          ],
          ...fixOf(row, narrow),
          confidence: 'high' as const,
        },
      ];
    });
    return withReadableSequences(findings, rows, facts);
  },
  measures(rows) {
    return distinctSequences(rows)
      .filter((row) => !row.cycles && row.last_value !== null)
      .map((row) => {
        const columns = rows.filter((other) => other.sequence_oid === row.sequence_oid).map(columnLimit);
        const limit = columns.reduce<bigint>(
          (first, column) => (column !== undefined && isReachedFirst(row, column, first) ? column : first),
          sequenceLimit(row),
        );
        const start = sequenceStart(row);
        const distance = (value: bigint) => Number(value < start ? start - value : value - start);
        return {
          share: usedShare(row, limit),
          measure: {
            key: `sequence ${row.sequence_name}`,
            label: `Values used of ${row.sequence_name}`,
            unit: 'values' as const,
            value: distance(BigInt(row.last_value ?? 0)),
            limit: distance(limit),
          },
        };
      })
      .filter(({ share }) => share >= measuredShare)
      .toSorted((left, right) => right.share - left.share)
      .slice(0, maxMeasured)
      .map(({ measure }) => measure);
  },
};

function fixOf(
  row: SequenceUseRow,
  narrow: readonly SequenceUseRow[],
): { fixSql?: string; undoSql?: string; lock?: string; caution?: string } {
  const alter = (column: SequenceUseRow, type: string) =>
    `alter table ${column.table_name ?? ''} alter column ${column.column_name ?? ''} type ${type};`;
  const [word, value] = isDescending(row)
    ? (['minvalue', row.min_value] as const)
    : (['maxvalue', row.max_value] as const);
  const hasOwnLimit = BigInt(value) !== typeLimit(row.sequence_type, isDescending(row));
  // A bigint sequence that has used up bigint itself has nowhere to go.
  if (!hasOwnLimit && row.sequence_type === 'bigint') return {};
  const grow = hasOwnLimit
    ? `alter sequence ${row.sequence_name} no ${word};`
    : `alter sequence ${row.sequence_name} as bigint;`;
  const shrink = hasOwnLimit
    ? `alter sequence ${row.sequence_name} ${word} ${value};`
    : `alter sequence ${row.sequence_name} as ${row.sequence_type};`;
  if (narrow.length === 0) {
    return {
      fixSql: grow,
      undoSql: shrink,
      lock: lockTexts.shareRowExclusive,
      ...(hasOwnLimit
        ? { caution: 'The limit may be there on purpose, such as a range of numbers that belongs to one site.' }
        : {}),
    };
  }
  if (narrow.some((column) => column.has_domain)) return { caution: domainCaution };
  const held = growthHeld(narrow);
  if (held !== undefined) return { caution: `${held} ${rewriteCaution} ${referencesCaution}` };
  return {
    fixSql: [...narrow.map((column) => alter(column, 'bigint')), grow].join('\n'),
    undoSql: [...narrow.map((column) => alter(column, column.declared_type ?? '')), shrink].join('\n'),
    lock: lockTexts.accessExclusiveRewrite,
    caution: `${rewriteCaution} ${referencesCaution}`,
  };
}

function typeLimit(type: string, isLowest: boolean): bigint {
  const bits = type === 'smallint' ? 15n : type === 'integer' ? 31n : 63n;
  return isLowest ? -(2n ** bits) : 2n ** bits - 1n;
}
