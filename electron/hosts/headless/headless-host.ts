import { toFailure } from '../../postgres/failure.ts';
import { createRouter } from '../../rpc/router.ts';
import { createServices } from '../../services/index.ts';
import { KnownSecrets } from '../../services/secrets/index.ts';
import { DataDirectoryOwnership } from '../../services/settings/index.ts';
import { createLog } from '../log.ts';
import { passphraseFromEnvironment } from '../passphrase.ts';
import { places } from '../places.ts';
import { type HeadlessServer, startHttpServer } from './http-server.ts';

const storeDelayMs = 3000;

export interface HeadlessOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly dataDirectory: string;
  /** Opens the secrets file; else STEWARD_PASSPHRASE, else the person at the page. */
  readonly passphrase?: string | undefined;
  /** Without it a wrong or missing port is found out before anything else is started. */
  readonly onListening?: (url: string) => void;
}

export interface HeadlessHost extends AsyncDisposable {
  readonly server: HeadlessServer;
}

/**
 * Steward in a browser: takes the data folder, listens on the loopback interface, and opens the store meanwhile.
 * Throws `busy` when another process owns the folder or the port.
 */
export async function startHeadless(options: HeadlessOptions): Promise<HeadlessHost> {
  const ownership = DataDirectoryOwnership.take(options.dataDirectory, 'headless');
  try {
    const knownSecrets = new KnownSecrets();
    const log = createLog(options.dataDirectory, knownSecrets.redact);
    const services = await createServices({
      kind: 'headless',
      version: places.version,
      dataDirectory: options.dataDirectory,
      assets: places.assets,
      storeUrl: process.env['STEWARD_STORE_URL'],
      storeMode: 'own',
      keychain: undefined,
      passphrase: options.passphrase ?? passphraseFromEnvironment(),
      knownSecrets,
      log: (message, error) => log.warn({ failure: error === undefined ? undefined : toFailure(error) }, message),
    });
    const server = await startHttpServer({
      router: createRouter(services),
      assets: places.renderer,
      port: options.port,
    });
    options.onListening?.(server.url);
    // After the page, which is what somebody waits for: loading the store keeps the loop busy for a third of a second.
    const starting = setTimeout(() => {
      services.store.start();
      void pruneHistory(services);
    }, storeDelayMs);
    return {
      server,
      [Symbol.asyncDispose]: async () => {
        clearTimeout(starting);
        await server[Symbol.asyncDispose]();
        await services[Symbol.asyncDispose]();
        ownership.release();
      },
    };
  } catch (error) {
    ownership.release();
    throw error;
  }
}

async function pruneHistory(services: Awaited<ReturnType<typeof createServices>>): Promise<void> {
  try {
    await services.history.prune(services.settings.current.historyDays);
  } catch {
    // Without a store there is nothing to prune; its state says why it is away.
  }
}
