import type { HealthCheck } from '../../health-check.ts';
import { severalSuperusers } from './sec01-several-superusers.ts';
import { createForPublic } from './sec03-create-for-public.ts';
import { md5Passwords } from './sec04-md5-passwords.ts';
import { passwordEncryption } from './sec05-password-encryption.ts';
import { guessablePassword } from './sec07-guessable-password.ts';
import { weakAuthentication } from './sec08-weak-authentication.ts';
import { tls } from './sec11-tls.ts';
import { definerSearchPath } from './sec13-definer-search-path.ts';
import { definerForEverybody } from './sec14-definer-for-everybody.ts';
import { viewBypassesRowSecurity } from './sec15-view-bypasses-row-security.ts';
import { policiesNotInForce } from './sec16-policies-not-in-force.ts';
import { rowSecurityWithoutPolicy } from './sec17-row-security-without-policy.ts';
import { policyAlwaysTrue } from './sec18-policy-always-true.ts';
import { grantsToPublic } from './sec22-grants-to-public.ts';
import { serverAccessRoles } from './sec25-server-access-roles.ts';
import { outdatedExtension } from './sec28-outdated-extension.ts';
import { extensionInPublic } from './sec29-extension-in-public.ts';

export const securityChecks: readonly HealthCheck[] = [
  severalSuperusers,
  createForPublic,
  md5Passwords,
  passwordEncryption,
  guessablePassword,
  weakAuthentication,
  tls,
  definerSearchPath,
  definerForEverybody,
  viewBypassesRowSecurity,
  policiesNotInForce,
  rowSecurityWithoutPolicy,
  policyAlwaysTrue,
  grantsToPublic,
  serverAccessRoles,
  outdatedExtension,
  extensionInPublic,
];
