import type { HealthCheck } from '../../health-check.ts';
import { unusedIndex } from './idx01-unused-index.ts';
import { rarelyUsedIndex } from './idx02-rarely-used-index.ts';
import { duplicateIndex } from './idx03-duplicate-index.ts';
import { redundantIndex } from './idx04-redundant-index.ts';
import { invalidIndex } from './idx05-invalid-index.ts';
import { invalidPartitionedIndex } from './idx06-invalid-partitioned-index.ts';
import { foreignKeyWithoutIndex } from './idx07-foreign-key-without-index.ts';
import { bloatedIndex } from './idx08-bloated-index.ts';
import { mostlyNullIndex } from './idx10-mostly-null-index.ts';
import { uniqueBesidePlain } from './idx15-unique-beside-plain.ts';

export const indexesChecks: readonly HealthCheck[] = [
  unusedIndex,
  rarelyUsedIndex,
  duplicateIndex,
  redundantIndex,
  invalidIndex,
  invalidPartitionedIndex,
  foreignKeyWithoutIndex,
  bloatedIndex,
  mostlyNullIndex,
  uniqueBesidePlain,
];
