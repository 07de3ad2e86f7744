export { SecretsSection } from './secrets-section.tsx';
export { SecretsViewport } from './secrets-viewport.tsx';
