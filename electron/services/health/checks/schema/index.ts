import type { HealthCheck } from '../../health-check.ts';
import { noPrimaryKey } from './sch01-no-primary-key.ts';
import { serialColumn } from './sch05-serial-column.ts';
import { timestampWithoutZone } from './sch06-timestamp-without-zone.ts';
import { charColumn } from './sch07-char-column.ts';
import { moneyColumn } from './sch09-money-column.ts';
import { jsonColumn } from './sch10-json-column.ts';
import { regColumn } from './sch12-reg-column.ts';
import { namesThatNeedQuotes } from './sch14-names-that-need-quotes.ts';
import { reservedNames } from './sch15-reserved-names.ts';
import { nameAtTheLimit } from './sch17-name-at-the-limit.ts';
import { missingAuditColumns } from './sch19-missing-audit-columns.ts';
import { defaultOfNullText } from './sch23-default-of-null-text.ts';
import { tableOfOneColumn } from './sch24-table-of-one-column.ts';
import { numberedColumns } from './sch25-numbered-columns.ts';
import { duplicateForeignKey } from './sch27-duplicate-foreign-key.ts';
import { foreignKeyTypeMismatch } from './sch29-foreign-key-type-mismatch.ts';
import { constraintNotValid } from './sch35-constraint-not-valid.ts';

export const schemaChecks: readonly HealthCheck[] = [
  noPrimaryKey,
  serialColumn,
  timestampWithoutZone,
  charColumn,
  moneyColumn,
  jsonColumn,
  regColumn,
  namesThatNeedQuotes,
  reservedNames,
  nameAtTheLimit,
  missingAuditColumns,
  defaultOfNullText,
  tableOfOneColumn,
  numberedColumns,
  duplicateForeignKey,
  foreignKeyTypeMismatch,
  constraintNotValid,
];
