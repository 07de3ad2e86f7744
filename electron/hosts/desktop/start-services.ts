import { BrowserWindow, dialog, shell } from 'electron';

import { toFailure } from '../../postgres/failure.ts';
import { type Services, createServices } from '../../services/index.ts';
import { KnownSecrets } from '../../services/secrets/index.ts';
import { DataDirectoryOwnership } from '../../services/settings/index.ts';
import { createLog } from '../log.ts';
import { passphraseFromEnvironment } from '../passphrase.ts';
import { places } from '../places.ts';
import { openKeychain } from './keychain.ts';

/** Takes the data folder and makes the services, with what the desktop can do: keychain and file manager. */
export async function startServices(dataDirectory: string): Promise<{ services: Services; stop: () => Promise<void> }> {
  const ownership = DataDirectoryOwnership.take(dataDirectory, 'desktop');
  try {
    const knownSecrets = new KnownSecrets();
    const log = createLog(dataDirectory, knownSecrets.redact);
    const services = await createServices({
      kind: 'desktop',
      version: places.version,
      dataDirectory,
      assets: places.assets,
      storeUrl: process.env['STEWARD_STORE_URL'],
      storeMode: 'own',
      ...(await openKeychain(dataDirectory)),
      passphrase: passphraseFromEnvironment(),
      knownSecrets,
      choosePath: async ({ kind, title, startAt }) => {
        const [window] = BrowserWindow.getAllWindows();
        const request: Electron.OpenDialogOptions = {
          title,
          properties: kind === 'folder' ? ['openDirectory', 'createDirectory'] : ['openFile', 'showHiddenFiles'],
          ...(startAt ? { defaultPath: startAt } : {}),
        };
        const { filePaths } = await (window ? dialog.showOpenDialog(window, request) : dialog.showOpenDialog(request));
        return filePaths[0] ?? null;
      },
      reveal: async (file) => shell.showItemInFolder(file),
      log: (message, error) => log.warn({ failure: error === undefined ? undefined : toFailure(error) }, message),
    });
    services.store.start();
    return {
      services,
      stop: async () => {
        await services[Symbol.asyncDispose]();
        ownership.release();
      },
    };
  } catch (error) {
    ownership.release();
    throw error;
  }
}
