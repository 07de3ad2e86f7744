import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import {
  distinctSequences,
  sequenceUseSql,
  usedShare,
  withReadableSequences,
  type SequenceUseRow,
} from './sequence-use.ts';

export const sequenceNearItsEnd: HealthCheck<SequenceUseRow> = {
  id: 'SEQ01',
  group: 'sequences',
  basis: 'catalog',
  title: 'Sequences near their end',
  why: 'A sequence that has reached its last value answers with an error, and every insert that needs a number fails from that moment.',
  requires: { privilege: 'USAGE or SELECT on the sequences' },
  sql: () => sequenceUseSql,
  findings(rows, { facts }) {
    const findings = distinctSequences(rows).flatMap((row) => {
      const limit = BigInt(row.increment.startsWith('-') ? row.min_value : row.max_value);
      const share = usedShare(row, limit);
      if (row.cycles || share < 0.75) return [];
      const left = (limit - BigInt(row.last_value ?? 0)) / BigInt(row.increment);
      return [
        {
          object: row.sequence_name,
          relationOid: Number(row.sequence_oid),
          severity: share >= 0.9 ? ('critical' as const) : ('warning' as const),
          message: `Sequence ${row.sequence_name} has used ${formatPercent(share)} of its values; ${formatCount(left.toString())} are left.`,
          evidence: [
            { label: 'Last value', value: formatCount(row.last_value ?? 0) },
            { label: 'Ends at', value: formatCount(limit.toString()) },
            { label: 'Type', value: row.sequence_type },
            ...(row.table_name === null
              ? []
              : [{ label: 'Feeds', value: `${row.table_name}.${row.column_name ?? ''} (${row.column_type ?? ''})` }]),
          ],
          ...(row.sequence_type === 'bigint'
            ? {
                fixSql: `alter sequence ${row.sequence_name} no maxvalue;`,
                undoSql: `alter sequence ${row.sequence_name} maxvalue ${row.max_value};`,
              }
            : {
                fixSql: `alter sequence ${row.sequence_name} as bigint;`,
                undoSql: `alter sequence ${row.sequence_name} as ${row.sequence_type};`,
              }),
          lock: lockTexts.shareRowExclusive,
          ...(row.column_type === 'integer' || row.column_type === 'smallint'
            ? {
                caution: `The column ${row.table_name ?? ''}.${row.column_name ?? ''} is ${row.column_type}: it has to become bigint first (SEQ02).`,
              }
            : {}),
          confidence: 'high' as const,
        },
      ];
    });
    return withReadableSequences(findings, rows, facts);
  },
};
