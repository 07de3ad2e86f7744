import path from 'node:path';

import type { AppStatus } from '#contract/settings.ts';

import { LocalServer } from '../postgres/local-server.ts';
import { SqlParser } from '../postgres/sql-parser/index.ts';
import { BackupsService } from './backups/index.ts';
import { ConnectionsService, type SecretStore } from './connections/index.ts';
import { HealthService } from './health/health-service.ts';
import { HistoryService, StoreKeeper, type StoreMode } from './history/index.ts';
import { JobsService } from './jobs/index.ts';
import { LiveValue } from './live-value.ts';
import { MigrationsService } from './migrations/index.ts';
import { PlansService } from './plans/plans-service.ts';
import { QueryService, spoolDirectoryOf } from './query/index.ts';
import { SampleService, sampleMigrationsFolder } from './sample/index.ts';
import { SettingsService } from './settings/index.ts';

/** What a host gives: where things are, and what its system can do. */
export interface HostPorts {
  readonly kind: AppStatus['host'];
  readonly version: string;
  readonly dataDirectory: string;
  /** Folder with the sample database. */
  readonly assets: string;
  readonly storeUrl: string | undefined;
  readonly storeMode: StoreMode;
  readonly secrets: SecretStore | undefined;
  readonly reveal?: (file: string) => Promise<void>;
  /** Tells of something that went wrong and stopped nothing. Never given a secret. */
  readonly log: (message: string, error?: unknown) => void;
}

export interface Services extends AsyncDisposable {
  readonly settings: SettingsService;
  readonly connections: ConnectionsService;
  readonly jobs: JobsService;
  readonly parser: SqlParser;
  readonly store: StoreKeeper;
  readonly history: HistoryService;
  readonly query: QueryService;
  readonly plans: PlansService;
  readonly health: HealthService;
  readonly migrations: MigrationsService;
  readonly backups: BackupsService;
  readonly sample: SampleService;
  readonly status: LiveValue<AppStatus>;
}

/** Makes every service and reads the data folder. The store opens in the background once `store.start()` is called. */
export async function createServices(host: HostPorts): Promise<Services> {
  const { dataDirectory } = host;
  const settings = new SettingsService(dataDirectory);
  await settings.load();
  const localServer = new LocalServer(dataDirectory);
  const store = new StoreKeeper(localServer, host.storeUrl, host.storeMode);
  const history = new HistoryService(store, (what, error) => host.log(`${what} was not kept`, error));
  const startedLocalServer = async () => {
    await store.startLocalServer();
    const parameters = localServer.parameters;
    if (!parameters) throw new Error('the local server has stopped');
    return parameters;
  };
  const connections = new ConnectionsService({
    dataDirectory,
    settings,
    secrets: host.secrets,
    localServer: startedLocalServer,
  });
  await connections.load();
  const parser = new SqlParser();
  const jobs = new JobsService((job) => history.rememberJob(job));
  const query = new QueryService({
    connections,
    parser,
    spoolDirectory: spoolDirectoryOf(dataDirectory),
    remember: (entry) => history.rememberQuery(entry),
  });
  const migrations = new MigrationsService({
    dataDirectory,
    connections,
    jobs,
    history,
    settings,
    ownFolders: [path.resolve(sampleMigrationsFolder(host.assets))],
  });
  await migrations.load();
  const services = {
    settings,
    connections,
    jobs,
    parser,
    store,
    history,
    query,
    migrations,
    plans: new PlansService(connections, parser, history),
    health: new HealthService(connections, history),
    backups: new BackupsService({
      dataDirectory,
      version: host.version,
      connections,
      jobs,
      history,
      settings,
      reveal: host.reveal,
    }),
    sample: new SampleService({ connections, jobs, migrations, localServer: startedLocalServer, assets: host.assets }),
  };
  const { status, stop } = watchStatus(host, services);
  return {
    ...services,
    status,
    [Symbol.asyncDispose]: async () => {
      stop();
      await jobs[Symbol.asyncDispose]();
      await query[Symbol.asyncDispose]();
      await history.flush();
      await connections[Symbol.asyncDispose]();
      await parser[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** One value for the status page, kept up to date from its parts. */
function watchStatus(host: HostPorts, { settings, store }: { settings: SettingsService; store: StoreKeeper }) {
  const current = (): AppStatus => ({
    version: host.version,
    host: host.kind,
    dataDirectory: host.dataDirectory,
    localServer: store.localServerState.value,
    store: store.storeState.value,
    secrets: host.secrets?.description ?? 'in memory only, until Steward quits',
    problems: [...settings.problems.value],
  });
  const status = new LiveValue(current());
  const controller = new AbortController();
  for (const part of [settings.problems, store.localServerState, store.storeState]) {
    void (async () => {
      for await (const _ of part.watch(controller.signal)) status.set(current());
    })();
  }
  return { status, stop: () => controller.abort() };
}
