import type { HealthCheck } from '../../health-check.ts';
import { noPrimaryKey } from './sch01-no-primary-key.ts';
import { noUniqueKey } from './sch02-no-unique-key.ts';
import { awkwardPrimaryKey } from './sch03-awkward-primary-key.ts';
import { randomUuidKey } from './sch04-random-uuid-key.ts';
import { serialColumn } from './sch05-serial-column.ts';
import { timestampWithoutZone } from './sch06-timestamp-without-zone.ts';
import { charColumn } from './sch07-char-column.ts';
import { varcharColumn } from './sch08-varchar-column.ts';
import { moneyColumn } from './sch09-money-column.ts';
import { jsonColumn } from './sch10-json-column.ts';
import { largeObjects } from './sch11-large-objects.ts';
import { regColumn } from './sch12-reg-column.ts';
import { oneNameSeveralTypes } from './sch13-one-name-several-types.ts';
import { namesThatNeedQuotes } from './sch14-names-that-need-quotes.ts';
import { reservedNames } from './sch15-reserved-names.ts';
import { confusableNames } from './sch16-confusable-names.ts';
import { nameAtTheLimit } from './sch17-name-at-the-limit.ts';
import { environmentInSchemaName } from './sch18-environment-in-schema-name.ts';
import { missingAuditColumns } from './sch19-missing-audit-columns.ts';
import { noComments } from './sch20-no-comments.ts';
import { everythingNullable } from './sch21-everything-nullable.ts';
import { nullableInUniqueIndex } from './sch22-nullable-in-unique-index.ts';
import { defaultOfNullText } from './sch23-default-of-null-text.ts';
import { tableOfOneColumn } from './sch24-table-of-one-column.ts';
import { numberedColumns } from './sch25-numbered-columns.ts';
import { keyNotFirst } from './sch26-key-not-first.ts';
import { duplicateForeignKey } from './sch27-duplicate-foreign-key.ts';
import { intersectingForeignKeys } from './sch28-intersecting-foreign-keys.ts';
import { foreignKeyTypeMismatch } from './sch29-foreign-key-type-mismatch.ts';
import { nullableCompositeForeignKey } from './sch30-nullable-composite-foreign-key.ts';
import { selfReference } from './sch31-self-reference.ts';
import { circularForeignKeys } from './sch32-circular-foreign-keys.ts';
import { impliedForeignKey } from './sch33-implied-foreign-key.ts';
import { foreignKeyAcrossSchemas } from './sch34-foreign-key-across-schemas.ts';
import { constraintNotValid } from './sch35-constraint-not-valid.ts';
import { tableInheritance } from './sch36-table-inheritance.ts';
import { isolatedTable } from './sch37-isolated-table.ts';
import { rewriteRule } from './sch38-rewrite-rule.ts';
import { mixedOwners } from './sch39-mixed-owners.ts';
import { valueListsDiffer } from './sch40-value-lists-differ.ts';

export const schemaChecks: readonly HealthCheck[] = [
  noPrimaryKey,
  noUniqueKey,
  awkwardPrimaryKey,
  randomUuidKey,
  serialColumn,
  timestampWithoutZone,
  charColumn,
  varcharColumn,
  moneyColumn,
  jsonColumn,
  largeObjects,
  regColumn,
  oneNameSeveralTypes,
  namesThatNeedQuotes,
  reservedNames,
  confusableNames,
  nameAtTheLimit,
  environmentInSchemaName,
  missingAuditColumns,
  noComments,
  everythingNullable,
  nullableInUniqueIndex,
  defaultOfNullText,
  tableOfOneColumn,
  numberedColumns,
  keyNotFirst,
  duplicateForeignKey,
  intersectingForeignKeys,
  foreignKeyTypeMismatch,
  nullableCompositeForeignKey,
  selfReference,
  circularForeignKeys,
  impliedForeignKey,
  foreignKeyAcrossSchemas,
  constraintNotValid,
  tableInheritance,
  isolatedTable,
  rewriteRule,
  mixedOwners,
  valueListsDiffer,
];
