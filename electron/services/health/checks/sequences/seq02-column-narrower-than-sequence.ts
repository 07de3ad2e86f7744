import { formatBytes, formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { sequenceUseSql, usedShare, withReadableSequences, type SequenceUseRow } from './sequence-use.ts';

const columnLimits: Readonly<Record<string, bigint>> = { smallint: 32_767n, integer: 2_147_483_647n };

export const columnNarrowerThanSequence: HealthCheck<SequenceUseRow> = {
  id: 'SEQ02',
  group: 'sequences',
  basis: 'catalog',
  title: 'Integer columns that run out before their sequence',
  why: 'A bigint sequence goes on after the integer column it feeds is full: inserts then fail with "integer out of range", while the sequence itself looks fine.',
  requires: { privilege: 'USAGE or SELECT on the sequences' },
  sql: () => sequenceUseSql,
  findings(rows, { facts }) {
    const findings = rows.flatMap((row) => {
      const limit = columnLimits[row.column_type ?? ''];
      // Where the sequence ends first, SEQ01 speaks.
      if (limit === undefined || row.increment.startsWith('-') || BigInt(row.max_value) <= limit) return [];
      const share = usedShare(row, limit);
      if (share < 0.5) return [];
      const column = `${row.table_name ?? ''}.${row.column_name ?? ''}`;
      return [
        {
          object: column,
          ...(row.table_oid === null ? {} : { relationOid: Number(row.table_oid) }),
          severity: share >= 0.75 ? ('critical' as const) : ('warning' as const),
          message: `Column ${column} (${row.column_type ?? ''}) has used ${formatPercent(share)} of its values; its sequence would go on.`,
          evidence: [
            { label: 'Sequence', value: `${row.sequence_name} (${row.sequence_type})` },
            { label: 'Last value', value: formatCount(row.last_value ?? 0) },
            { label: 'Column ends at', value: formatCount(limit.toString()) },
            { label: 'Kind', value: row.is_identity ? 'identity' : 'default nextval' },
            { label: 'Size of the table', value: formatBytes(row.table_bytes ?? 0) },
          ],
          fixSql: `alter table ${row.table_name ?? ''} alter column ${row.column_name ?? ''} type bigint;`,
          lock: lockTexts.accessExclusiveRewrite,
          caution:
            'Rewrites the table and its indexes. For a large table add a bigint column, fill it in batches and switch. Columns that reference it must grow as well (SEQ04).',
          confidence: 'high' as const,
        },
      ];
    });
    return withReadableSequences(findings, rows, facts);
  },
};
