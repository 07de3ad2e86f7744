import type { HealthCheck } from '../../health-check.ts';
import { sequenceNearItsEnd } from './seq01-sequence-near-its-end.ts';
import { columnNarrowerThanSequence } from './seq02-column-narrower-than-sequence.ts';
import { integerPrimaryKey } from './seq03-integer-primary-key.ts';
import { narrowForeignKeyColumn } from './seq04-narrow-foreign-key-column.ts';
import { sequenceBehindColumn } from './seq05-sequence-behind-column.ts';
import { cyclicSequence } from './seq06-cyclic-sequence.ts';

export const sequencesChecks: readonly HealthCheck[] = [
  sequenceNearItsEnd,
  columnNarrowerThanSequence,
  integerPrimaryKey,
  narrowForeignKeyColumn,
  sequenceBehindColumn,
  cyclicSequence,
];
