/**
 * Why the system's keychain is not to be used, in words; undefined where it is good. Pure.
 * `backend` is what Electron's `safeStorage.getSelectedStorageBackend()` answers on Linux; elsewhere undefined.
 * https://www.electronjs.org/docs/latest/api/safe-storage
 */
export function keychainRefusal(
  backend: string | undefined,
  available: boolean,
  platform: NodeJS.Platform,
): string | undefined {
  if (platform === 'linux') {
    if (backend === 'basic_text')
      return 'No keyring was found in this desktop session (GNOME Keyring or KWallet). Electron would use a key that is in its source code instead.';
    if (backend === undefined || backend === 'unknown')
      return 'The keyring of this desktop session could not be told apart.';
  }
  if (!available) return keychainNames[platform] ?? 'The keychain of this system does not answer.';
  return undefined;
}

const keychainNames: { readonly [Platform in NodeJS.Platform]?: string } = {
  darwin: 'The macOS keychain is not available: it may be locked, or access was denied.',
  win32: 'The data protection of Windows (DPAPI) is not available to this user.',
  linux: 'The keyring of this desktop session does not answer: it may be locked.',
};
