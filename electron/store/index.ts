export {
  AppliedMigrationRecord,
  AuditRecord,
  BackupRecord,
  JobRecord,
  PlanRecord,
  QueryRecord,
  HealthFixRecord,
  ReportRecord,
  SizeSampleRecord,
} from './entities.ts';
export { type StoreAddress, openStore } from './store.ts';
