import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import {
  sequenceLimit,
  sequenceSlicesSql,
  sequenceUseSql,
  usedShare,
  withReadableSequences,
  type SequenceUseRow,
} from './sequence-use.ts';

export const cyclicSequence: HealthCheck<SequenceUseRow, 'warnShare'> = {
  id: 'SEQ06',
  group: 'sequences',
  basis: 'catalog',
  title: 'Sequences that begin again, behind a unique column',
  why: 'A sequence with CYCLE gives out its first numbers again after its last. In a unique column they collide with rows that are still there, and inserts fail at random until the numbers are past them.',
  requires: { privilege: 'USAGE or SELECT on the sequences' },
  thresholds: {
    warnShare: { usual: 0.75, unit: 'ratio', label: 'Share of the sequence’s values that is a warning' },
  },
  sql: (_facts, _limits, part) => sequenceUseSql(part),
  slicesSql: sequenceSlicesSql,
  findings(rows, { facts, limits }) {
    const findings = rows
      .filter((row) => row.cycles && row.feeds_key)
      .map((row) => {
        const share = usedShare(row, sequenceLimit(row));
        const column = `${row.table_name ?? ''}.${row.column_name ?? ''}`;
        return {
          object: row.sequence_name,
          relationOid: Number(row.sequence_oid),
          severity: share >= limits.warnShare ? ('warning' as const) : ('info' as const),
          message: `Sequence ${row.sequence_name} begins again after ${formatCount(sequenceLimit(row).toString())}, but feeds ${column}, which is unique.`,
          measure: share,
          evidence: [
            { label: 'Used so far', value: row.can_read ? formatPercent(share) : '(hidden)' },
            { label: 'Type', value: row.sequence_type },
          ],
          fixSql: `alter sequence ${row.sequence_name} no cycle;`,
          undoSql: `alter sequence ${row.sequence_name} cycle;`,
          lock: lockTexts.shareRowExclusive,
          caution:
            'Inserts then fail at the end of the sequence instead of later; where old rows are always deleted in time, CYCLE is right.',
          confidence: 'high' as const,
        };
      });
    // Whether a sequence cycles is in the catalog; which ones cannot be read at all is said here as well.
    return withReadableSequences(findings, rows, facts);
  },
};
