export { type AuditDraft, outcomeOf } from './audit-entry.ts';
export { AuditService } from './audit-service.ts';
