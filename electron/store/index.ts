export {
  AppliedMigrationRecord,
  AuditRecord,
  BackupRecord,
  JobRecord,
  PlanRecord,
  QueryRecord,
  ReportRecord,
  SizeSampleRecord,
} from './entities.ts';
export { type StoreAddress, openStore } from './store.ts';
