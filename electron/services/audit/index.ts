export { type AuditDraft, outcomeOf } from './audit-entry.ts';
export { csvLine } from './export-text.ts';
export { AuditService } from './audit-service.ts';
