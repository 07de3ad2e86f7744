import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { foreignKeysSql, referenceText, type ForeignKeyRow } from './foreign-keys.ts';

/** At most so many keys are named. */
const maxNamed = 20;

export const foreignKeyAcrossSchemas: HealthCheck<ForeignKeyRow> = {
  id: 'SCH34',
  group: 'schema',
  basis: 'catalog',
  title: 'Foreign keys across schemas',
  why: 'A foreign key ties two schemas together: neither can be dumped, restored or moved alone, and writes in one wait for locks in the other. Where schemas are meant as separate parts, it crosses their border.',
  onlyWhenAsked: true,
  sql: foreignKeysSql,
  findings(rows) {
    const across = rows.filter((row) => row.schema_name !== row.target_schema);
    return [...Map.groupBy(across, (row) => `${row.schema_name} → ${row.target_schema}`).values()].flatMap((keys) => {
      const [first] = keys;
      if (first === undefined) return [];
      const from = quoteIdentifier(first.schema_name);
      const to = quoteIdentifier(first.target_schema);
      return [
        {
          object: `schema ${from} to ${to}`,
          severity: 'info' as const,
          message: `${plural(keys.length, 'foreign key leads', 'foreign keys lead')} from schema ${from} to schema ${to}.`,
          measure: keys.length,
          evidence: keys
            .slice(0, maxNamed)
            .map((key) => ({ label: `${key.table_name}: ${key.constraint_name}`, value: referenceText(key) })),
        },
      ];
    });
  },
};
