import type { HealthCheck } from '../../health-check.ts';
import { severalSuperusers } from './sec01-several-superusers.ts';
import { remoteSuperuser } from './sec02-remote-superuser.ts';
import { createForPublic } from './sec03-create-for-public.ts';
import { md5Passwords } from './sec04-md5-passwords.ts';
import { passwordEncryption } from './sec05-password-encryption.ts';
import { passwordExpiry } from './sec06-password-expiry.ts';
import { guessablePassword } from './sec07-guessable-password.ts';
import { weakAuthentication } from './sec08-weak-authentication.ts';
import { openToAllAddresses } from './sec09-open-to-all-addresses.ts';
import { unencryptedRules } from './sec10-unencrypted-rules.ts';
import { tls } from './sec11-tls.ts';
import { listensEverywhere } from './sec12-listens-everywhere.ts';
import { definerSearchPath } from './sec13-definer-search-path.ts';
import { definerForEverybody } from './sec14-definer-for-everybody.ts';
import { viewBypassesRowSecurity } from './sec15-view-bypasses-row-security.ts';
import { policiesNotInForce } from './sec16-policies-not-in-force.ts';
import { rowSecurityWithoutPolicy } from './sec17-row-security-without-policy.ts';
import { policyAlwaysTrue } from './sec18-policy-always-true.ts';
import { severalPermissivePolicies } from './sec19-several-permissive-policies.ts';
import { policyFunctionPerRow } from './sec20-policy-function-per-row.ts';
import { exemptFromPolicies } from './sec21-exempt-from-policies.ts';
import { grantsToPublic } from './sec22-grants-to-public.ts';
import { defaultPrivilegesForPublic } from './sec23-default-privileges-for-public.ts';
import { untrustedLanguages } from './sec24-untrusted-languages.ts';
import { serverAccessRoles } from './sec25-server-access-roles.ts';
import { powerfulLogins } from './sec26-powerful-logins.ts';
import { noConnectionLimit } from './sec27-no-connection-limit.ts';
import { outdatedExtension } from './sec28-outdated-extension.ts';
import { extensionInPublic } from './sec29-extension-in-public.ts';
import { extensionFilesMissing } from './sec30-extension-files-missing.ts';
import { passwordGuessing } from './sec31-password-guessing.ts';
import { connectionsNotLogged } from './sec32-connections-not-logged.ts';
import { sensitiveColumns } from './sec33-sensitive-columns.ts';
import { userMappings } from './sec34-user-mappings.ts';
import { ownedBySuperuser } from './sec35-owned-by-superuser.ts';
import { eventTriggers } from './sec37-event-triggers.ts';
import { replicationWithoutCertificate } from './sec38-replication-without-certificate.ts';

export const securityChecks: readonly HealthCheck[] = [
  severalSuperusers,
  remoteSuperuser,
  createForPublic,
  md5Passwords,
  passwordEncryption,
  passwordExpiry,
  guessablePassword,
  weakAuthentication,
  openToAllAddresses,
  unencryptedRules,
  tls,
  listensEverywhere,
  definerSearchPath,
  definerForEverybody,
  viewBypassesRowSecurity,
  policiesNotInForce,
  rowSecurityWithoutPolicy,
  policyAlwaysTrue,
  severalPermissivePolicies,
  policyFunctionPerRow,
  exemptFromPolicies,
  grantsToPublic,
  defaultPrivilegesForPublic,
  untrustedLanguages,
  serverAccessRoles,
  powerfulLogins,
  noConnectionLimit,
  outdatedExtension,
  extensionInPublic,
  extensionFilesMissing,
  passwordGuessing,
  connectionsNotLogged,
  sensitiveColumns,
  userMappings,
  ownedBySuperuser,
  eventTriggers,
  replicationWithoutCertificate,
];
