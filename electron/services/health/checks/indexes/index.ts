import type { HealthCheck } from '../../health-check.ts';
import { unusedIndex } from './idx01-unused-index.ts';
import { rarelyUsedIndex } from './idx02-rarely-used-index.ts';
import { duplicateIndex } from './idx03-duplicate-index.ts';
import { redundantIndex } from './idx04-redundant-index.ts';
import { invalidIndex } from './idx05-invalid-index.ts';
import { invalidPartitionedIndex } from './idx06-invalid-partitioned-index.ts';
import { foreignKeyWithoutIndex } from './idx07-foreign-key-without-index.ts';
import { bloatedIndex } from './idx08-bloated-index.ts';
import { measuredIndexBloat } from './idx09-measured-index-bloat.ts';
import { mostlyNullIndex } from './idx10-mostly-null-index.ts';
import { lowCardinalityIndex } from './idx11-low-cardinality-index.ts';
import { btreeOnContainer } from './idx12-btree-on-container.ts';
import { timestampBeforeEquality } from './idx13-timestamp-before-equality.ts';
import { needlessPredicate } from './idx14-needless-predicate.ts';
import { uniqueBesidePlain } from './idx15-unique-beside-plain.ts';
import { unselectiveIndex } from './idx16-unselective-index.ts';
import { overIndexedTable } from './idx17-over-indexed-table.ts';
import { ginPendingList } from './idx18-gin-pending-list.ts';
import { collationChanged } from './idx19-collation-changed.ts';

export const indexesChecks: readonly HealthCheck[] = [
  unusedIndex,
  rarelyUsedIndex,
  duplicateIndex,
  redundantIndex,
  invalidIndex,
  invalidPartitionedIndex,
  foreignKeyWithoutIndex,
  bloatedIndex,
  measuredIndexBloat,
  mostlyNullIndex,
  lowCardinalityIndex,
  btreeOnContainer,
  timestampBeforeEquality,
  needlessPredicate,
  uniqueBesidePlain,
  unselectiveIndex,
  overIndexedTable,
  ginPendingList,
  collationChanged,
];
