/**
 * The passphrase of the secrets file from STEWARD_PASSPHRASE or the variable named. It is taken out of the
 * environment, so that no child process is given it.
 */
export function passphraseFromEnvironment(
  name = 'STEWARD_PASSPHRASE',
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const passphrase = environment[name];
  delete environment[name];
  return passphrase === '' ? undefined : passphrase;
}
