export {
  AppliedMigrationRecord,
  AuditRecord,
  BackupRecord,
  JobRecord,
  LogImportRecord,
  LogPlanRecord,
  LogStatementRecord,
  PlanRecord,
  QueryRecord,
  HealthFixRecord,
  ReportRecord,
  SizeSampleRecord,
  StatementSnapshotRecord,
  StatementTextRecord,
} from './entities.ts';
export { type StoreAddress, openStore } from './store.ts';
