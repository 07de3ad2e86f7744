export { keychainFiles } from './keychain-files.ts';
export { keychainRefusal } from './keychain-refusal.ts';
export { KnownSecrets, redact, redactFailure } from './known-secrets.ts';
export type { SecretStore } from './secret-store.ts';
export { SecretsService } from './secrets-service.ts';
