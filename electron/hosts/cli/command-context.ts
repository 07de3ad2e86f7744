import { createRouterClient } from '@orpc/server';

import { toFailure } from '../../postgres/failure.ts';
import { createRouter } from '../../rpc/router.ts';
import { type HostPorts, type Services, createServices } from '../../services/index.ts';
import { DataDirectoryOwnership, dataDirectoryOwner, defaultDataDirectory } from '../../services/settings/index.ts';
import { places } from '../places.ts';
import { type PassphraseOptions, givenPassphrase } from './given-passphrase.ts';
import { visibleLines } from './output.ts';

export type CliClient = ReturnType<typeof createClient>;

/** What a command works with: the same router as every other host, in this process. */
export interface CommandContext extends AsyncDisposable {
  readonly services: Services;
  readonly client: CliClient;
}

function createClient(services: Services) {
  return createRouterClient(createRouter(services), { context: {} });
}

/**
 * `options` may say how the secrets file is opened; a wrong passphrase ends the command.
 * `passing`: a command that needs no store of its own; it shares that of a running Steward or STEWARD_STORE_URL.
 * `owner`: a command that runs the local server, and so takes the data folder. Throws `busy` when a host holds it.
 */
export async function openContext(need: 'passing' | 'owner', options: PassphraseOptions = {}): Promise<CommandContext> {
  const dataDirectory = defaultDataDirectory();
  const passphrase = await givenPassphrase(options);
  const ownership = need === 'owner' ? DataDirectoryOwnership.take(dataDirectory, 'cli') : undefined;
  const storeMode: HostPorts['storeMode'] = ownership ? 'own' : dataDirectoryOwner(dataDirectory) ? 'share' : 'none';
  try {
    const services = await createServices({
      kind: 'cli',
      version: places.version,
      dataDirectory,
      assets: places.assets,
      storeUrl: process.env['STEWARD_STORE_URL'],
      storeMode,
      keychain: undefined,
      passphrase,
      log: (message, error) => {
        if (storeMode !== 'none')
          process.stderr.write(`${message}${error === undefined ? '' : `: ${toFailure(error).message}`}\n`);
      },
    });
    warnOfUnreadableFiles(services);
    return {
      services,
      client: createClient(services),
      [Symbol.asyncDispose]: async () => {
        await services[Symbol.asyncDispose]();
        ownership?.release();
      },
    };
  } catch (error) {
    ownership?.release();
    throw error;
  }
}

/** Nobody looks at a window here, so that it is said on stderr. */
function warnOfUnreadableFiles({ settings }: Services): void {
  for (const { file, why, keptAs } of settings.unreadableFiles) {
    const whereTo = keptAs === null ? 'is left as it is' : `was kept as ${keptAs}`;
    process.stderr.write(`Warning: ${file} could not be read, and ${whereTo}.\n${visibleLines(why).join('\n')}\n`);
  }
}
