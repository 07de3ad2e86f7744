import type { HealthCheck } from '../health-check.ts';
import { connectionsUsed } from './connections/con01-connections-used.ts';
import { idleConnections } from './connections/con03-idle-connections.ts';
import { reservedConnections } from './connections/con05-reserved-connections.ts';
import { connectionLimits } from './connections/con08-connection-limits.ts';
import { timeoutsUnset } from './connections/con10-timeouts-unset.ts';
import { tableCacheHits } from './cache/cac01-table-cache-hits.ts';
import { indexCacheHits } from './cache/cac02-index-cache-hits.ts';
import { databaseCacheHits } from './cache/cac03-database-cache-hits.ts';
import { temporaryFiles } from './cache/cac05-temporary-files.ts';
import { ioTimingOff } from './cache/cac07-io-timing-off.ts';
import { deadlocks } from './cache/cac09-deadlocks.ts';
import { checksumFailures } from './cache/cac10-checksum-failures.ts';
import { slowStatements } from './queries/qry01-slow-statements.ts';
import { shareOfTotalTime } from './queries/qry02-share-of-total-time.ts';
import { statementStatisticsMissing } from './queries/qry07-statement-statistics-missing.ts';
import { longRunningStatements } from './queries/qry10-long-running-statements.ts';
import { unusedIndex } from './indexes/idx01-unused-index.ts';
import { rarelyUsedIndex } from './indexes/idx02-rarely-used-index.ts';
import { duplicateIndex } from './indexes/idx03-duplicate-index.ts';
import { redundantIndex } from './indexes/idx04-redundant-index.ts';
import { invalidIndex } from './indexes/idx05-invalid-index.ts';
import { invalidPartitionedIndex } from './indexes/idx06-invalid-partitioned-index.ts';
import { foreignKeyWithoutIndex } from './indexes/idx07-foreign-key-without-index.ts';
import { bloatedIndex } from './indexes/idx08-bloated-index.ts';
import { mostlyNullIndex } from './indexes/idx10-mostly-null-index.ts';
import { uniqueBesidePlain } from './indexes/idx15-unique-beside-plain.ts';
import { bloatedTable } from './tables/tab01-bloated-table.ts';
import { deadRows } from './tables/tab03-dead-rows.ts';
import { autovacuumOff } from './tables/tab04-autovacuum-off.ts';
import { notVacuumedForLong } from './tables/tab05-not-vacuumed-for-long.ts';
import { neverAnalyzed } from './tables/tab06-never-analyzed.ts';
import { staleStatistics } from './tables/tab07-stale-statistics.ts';
import { largeTableDefaultScaleFactor } from './tables/tab08-large-table-default-scale-factor.ts';
import { sequentialScans } from './tables/tab09-sequential-scans.ts';
import { unloggedTable } from './tables/tab16-unlogged-table.ts';
import { disabledTrigger } from './tables/tab18-disabled-trigger.ts';
import { databaseAge } from './transaction-ids/xid01-database-age.ts';
import { tableAge } from './transaction-ids/xid02-table-age.ts';
import { multixactAge } from './transaction-ids/xid04-multixact-age.ts';
import { xminHorizon } from './transaction-ids/xid05-xmin-horizon.ts';
import { sequenceNearItsEnd } from './sequences/seq01-sequence-near-its-end.ts';
import { columnNarrowerThanSequence } from './sequences/seq02-column-narrower-than-sequence.ts';
import { integerPrimaryKey } from './sequences/seq03-integer-primary-key.ts';
import { narrowForeignKeyColumn } from './sequences/seq04-narrow-foreign-key-column.ts';
import { sequenceBehindColumn } from './sequences/seq05-sequence-behind-column.ts';
import { longTransactions } from './locks/txn01-long-transactions.ts';
import { idleInTransaction } from './locks/txn02-idle-in-transaction.ts';
import { blockedSessions } from './locks/txn03-blocked-sessions.ts';
import { preparedTransactions } from './locks/txn04-prepared-transactions.ts';
import { lockQueue } from './locks/txn08-lock-queue.ts';
import { replayLag } from './replication/rep01-replay-lag.ts';
import { standbyLagBytes } from './replication/rep02-standby-lag-bytes.ts';
import { standbyNotStreaming } from './replication/rep03-standby-not-streaming.ts';
import { noStandbyAttached } from './replication/rep04-no-standby-attached.ts';
import { inactiveSlot } from './replication/rep05-inactive-slot.ts';
import { slotRetainsWal } from './replication/rep06-slot-retains-wal.ts';
import { slotLost } from './replication/rep07-slot-lost.ts';
import { archiverFailing } from './replication/rep12-archiver-failing.ts';
import { publishedWithoutIdentity } from './replication/rep15-published-without-identity.ts';
import { synchronousStandbyMissing } from './replication/rep16-synchronous-standby-missing.ts';
import { requestedCheckpoints } from './configuration/cfg01-requested-checkpoints.ts';
import { sharedBuffers } from './configuration/cfg03-shared-buffers.ts';
import { workMem } from './configuration/cfg04-work-mem.ts';
import { memoryBudget } from './configuration/cfg05-memory-budget.ts';
import { randomPageCost } from './configuration/cfg06-random-page-cost.ts';
import { maintenanceWorkMem } from './configuration/cfg07-maintenance-work-mem.ts';
import { autovacuumSettings } from './configuration/cfg09-autovacuum-settings.ts';
import { durabilityOff } from './configuration/cfg10-durability-off.ts';
import { plannerMethodsOff } from './configuration/cfg11-planner-methods-off.ts';
import { statisticsCollectionOff } from './configuration/cfg12-statistics-collection-off.ts';
import { pendingConfiguration } from './configuration/cfg13-pending-configuration.ts';
import { checksumsOff } from './configuration/cfg15-checksums-off.ts';
import { logging } from './configuration/cfg17-logging.ts';
import { outdatedVersion } from './configuration/cfg18-outdated-version.ts';
import { youngStatistics } from './configuration/cfg20-young-statistics.ts';
import { noPrimaryKey } from './schema/sch01-no-primary-key.ts';
import { serialColumn } from './schema/sch05-serial-column.ts';
import { timestampWithoutZone } from './schema/sch06-timestamp-without-zone.ts';
import { charColumn } from './schema/sch07-char-column.ts';
import { moneyColumn } from './schema/sch09-money-column.ts';
import { jsonColumn } from './schema/sch10-json-column.ts';
import { regColumn } from './schema/sch12-reg-column.ts';
import { namesThatNeedQuotes } from './schema/sch14-names-that-need-quotes.ts';
import { reservedNames } from './schema/sch15-reserved-names.ts';
import { nameAtTheLimit } from './schema/sch17-name-at-the-limit.ts';
import { missingAuditColumns } from './schema/sch19-missing-audit-columns.ts';
import { defaultOfNullText } from './schema/sch23-default-of-null-text.ts';
import { tableOfOneColumn } from './schema/sch24-table-of-one-column.ts';
import { numberedColumns } from './schema/sch25-numbered-columns.ts';
import { duplicateForeignKey } from './schema/sch27-duplicate-foreign-key.ts';
import { foreignKeyTypeMismatch } from './schema/sch29-foreign-key-type-mismatch.ts';
import { constraintNotValid } from './schema/sch35-constraint-not-valid.ts';
import { severalSuperusers } from './security/sec01-several-superusers.ts';
import { createForPublic } from './security/sec03-create-for-public.ts';
import { md5Passwords } from './security/sec04-md5-passwords.ts';
import { passwordEncryption } from './security/sec05-password-encryption.ts';
import { guessablePassword } from './security/sec07-guessable-password.ts';
import { weakAuthentication } from './security/sec08-weak-authentication.ts';
import { tls } from './security/sec11-tls.ts';
import { definerSearchPath } from './security/sec13-definer-search-path.ts';
import { definerForEverybody } from './security/sec14-definer-for-everybody.ts';
import { viewBypassesRowSecurity } from './security/sec15-view-bypasses-row-security.ts';
import { policiesNotInForce } from './security/sec16-policies-not-in-force.ts';
import { rowSecurityWithoutPolicy } from './security/sec17-row-security-without-policy.ts';
import { policyAlwaysTrue } from './security/sec18-policy-always-true.ts';
import { grantsToPublic } from './security/sec22-grants-to-public.ts';
import { serverAccessRoles } from './security/sec25-server-access-roles.ts';
import { outdatedExtension } from './security/sec28-outdated-extension.ts';
import { extensionInPublic } from './security/sec29-extension-in-public.ts';

/** Every check, in the order of the catalogue. A new file in these folders must be named here. */
export const healthChecks: readonly HealthCheck[] = [
  connectionsUsed,
  idleConnections,
  reservedConnections,
  connectionLimits,
  timeoutsUnset,
  tableCacheHits,
  indexCacheHits,
  databaseCacheHits,
  temporaryFiles,
  ioTimingOff,
  deadlocks,
  checksumFailures,
  slowStatements,
  shareOfTotalTime,
  statementStatisticsMissing,
  longRunningStatements,
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
  bloatedTable,
  deadRows,
  autovacuumOff,
  notVacuumedForLong,
  neverAnalyzed,
  staleStatistics,
  largeTableDefaultScaleFactor,
  sequentialScans,
  unloggedTable,
  disabledTrigger,
  databaseAge,
  tableAge,
  multixactAge,
  xminHorizon,
  sequenceNearItsEnd,
  columnNarrowerThanSequence,
  integerPrimaryKey,
  narrowForeignKeyColumn,
  sequenceBehindColumn,
  longTransactions,
  idleInTransaction,
  blockedSessions,
  preparedTransactions,
  lockQueue,
  replayLag,
  standbyLagBytes,
  standbyNotStreaming,
  noStandbyAttached,
  inactiveSlot,
  slotRetainsWal,
  slotLost,
  archiverFailing,
  publishedWithoutIdentity,
  synchronousStandbyMissing,
  requestedCheckpoints,
  sharedBuffers,
  workMem,
  memoryBudget,
  randomPageCost,
  maintenanceWorkMem,
  autovacuumSettings,
  durabilityOff,
  plannerMethodsOff,
  statisticsCollectionOff,
  pendingConfiguration,
  checksumsOff,
  logging,
  outdatedVersion,
  youngStatistics,
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
  severalSuperusers,
  createForPublic,
  md5Passwords,
  passwordEncryption,
  guessablePassword,
  weakAuthentication,
  tls,
  definerSearchPath,
  definerForEverybody,
  viewBypassesRowSecurity,
  policiesNotInForce,
  rowSecurityWithoutPolicy,
  policyAlwaysTrue,
  grantsToPublic,
  serverAccessRoles,
  outdatedExtension,
  extensionInPublic,
];
