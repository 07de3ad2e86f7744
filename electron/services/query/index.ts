export { QueryService, spoolDirectoryOf } from './query-service.ts';
export { redactSecrets } from './redact-secrets.ts';
