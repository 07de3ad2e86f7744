export { QueryService, spoolDirectoryOf } from './query-service.ts';
export { redactError, redactSecrets } from './redact-secrets.ts';
