export { QueryService, spoolDirectoryOf } from './query-service.ts';
export { redactError, redactSecrets, redactStatement } from './redact-secrets.ts';
