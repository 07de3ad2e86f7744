export { type AuditDraft, AuditService } from './audit-service.ts';
