import { chmod, mkdtemp } from 'node:fs/promises';

/** A data folder that another user may pass through, since a server of root's runs as somebody else. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp('/tmp/steward-app-');
  await chmod(folder, 0o711);
  return folder;
}
