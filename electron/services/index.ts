import path from 'node:path';

import type { AppStatus } from '#contract/settings.ts';

import { StewardError, toFailure } from '../postgres/failure.ts';
import { LocalServer } from '../postgres/local-server.ts';
import { SqlParser } from '../postgres/sql-parser/index.ts';
import { ActivityService } from './activity/index.ts';
import { type AuditDraft, AuditService } from './audit/index.ts';
import { BackupsService } from './backups/index.ts';
import { ConnectionsService } from './connections/index.ts';
import { FleetService } from './fleet/index.ts';
import { HealthRules } from './health/health-rules.ts';
import { HealthService } from './health/health-service.ts';
import { HistoryService, StoreKeeper, type StoreMode } from './history/index.ts';
import { JobsService } from './jobs/index.ts';
import { LogsService } from './logs/index.ts';
import { LiveValue } from './live-value.ts';
import { MigrationsService } from './migrations/index.ts';
import { PlansService } from './plans/index.ts';
import { QueryService, spoolDirectoryOf } from './query/index.ts';
import { SampleService, sampleMigrationsFolder } from './sample/index.ts';
import { type KnownSecrets, type SecretStore, SecretsService, redactFailure } from './secrets/index.ts';
import { SettingsService } from './settings/index.ts';
import { StatementsService } from './statements/index.ts';

/** What a host gives: where things are, and what its system can do. */
export interface HostPorts {
  readonly kind: AppStatus['host'];
  readonly version: string;
  readonly dataDirectory: string;
  /** Folder with the sample database. */
  readonly assets: string;
  readonly storeUrl: string | undefined;
  readonly storeMode: StoreMode;
  /** The system's keychain, and why there is none to be used, in words. */
  readonly keychain: SecretStore | undefined;
  readonly keychainRefusal?: string | undefined;
  /** Opens the secrets file at the start. */
  readonly passphrase?: string | undefined;
  /** What this host's log is freed of. */
  readonly knownSecrets?: KnownSecrets | undefined;
  readonly reveal?: (file: string) => Promise<void>;
  /** The system's own dialog for a file or folder; null when the person cancels. */
  readonly choosePath?: ChoosePath;
  /** Tells of something that went wrong and stopped nothing. Never given a secret. */
  readonly log: (message: string, error?: unknown) => void;
}

export type ChoosePath = (request: {
  readonly kind: 'file' | 'folder';
  readonly title: string;
  readonly startAt?: string | undefined;
}) => Promise<string | null>;

export interface Services extends AsyncDisposable {
  readonly settings: SettingsService;
  readonly secrets: SecretsService;
  readonly connections: ConnectionsService;
  readonly jobs: JobsService;
  readonly parser: SqlParser;
  readonly store: StoreKeeper;
  readonly history: HistoryService;
  readonly audit: AuditService;
  readonly query: QueryService;
  readonly plans: PlansService;
  readonly health: HealthService;
  readonly activity: ActivityService;
  readonly statements: StatementsService;
  readonly migrations: MigrationsService;
  readonly backups: BackupsService;
  readonly fleet: FleetService;
  readonly logs: LogsService;
  readonly sample: SampleService;
  readonly choosePath: ChoosePath;
  readonly status: LiveValue<AppStatus>;
}

/** Makes every service and reads the data folder. The store opens in the background once `store.start()` is called. */
export async function createServices(host: HostPorts): Promise<Services> {
  const { dataDirectory } = host;
  // A command that passes by leaves the data folder to its owner.
  const isPassing = host.kind === 'cli' && host.storeMode !== 'own';
  const settings = new SettingsService(dataDirectory, { movesUnreadable: !isPassing });
  await settings.load();
  const secrets = new SecretsService({
    dataDirectory,
    keychain: host.keychain,
    keychainRefusal: host.keychainRefusal,
    known: host.knownSecrets,
    report: settings.report,
  });
  await secrets.load();
  if (host.passphrase !== undefined && secrets.state.value.locked) await secrets.unlock(host.passphrase);
  const log: HostPorts['log'] = (message, error) =>
    host.log(
      secrets.redact(message),
      error === undefined ? undefined : new StewardError(redactFailure(toFailure(error), secrets.redact)),
    );
  const localServer = new LocalServer(dataDirectory);
  const store = new StoreKeeper(localServer, host.storeUrl, host.storeMode);
  const history = new HistoryService(store, (what, error) => log(`${what} was not kept`, error));
  const startedLocalServer = async () => {
    await store.startLocalServer();
    const parameters = localServer.parameters;
    if (!parameters) throw new Error('the local server has stopped');
    return parameters;
  };
  const jobs = new JobsService((job) => history.rememberJob(job), secrets.redact);
  const audit = new AuditService({
    dataDirectory,
    owner: host.storeMode === 'own',
    host: host.kind,
    version: host.version,
    store,
    jobs,
    redact: secrets.redact,
    report: settings.report,
    log,
    reveal: host.reveal,
  });
  await audit.load();
  const record = (entry: AuditDraft) => audit.record(entry);
  const connections = new ConnectionsService({
    dataDirectory,
    settings,
    redact: secrets.redact,
    secrets,
    audit: record,
    localServer: startedLocalServer,
  });
  await connections.load();
  const parser = new SqlParser();
  const backups = new BackupsService({
    dataDirectory,
    version: host.version,
    connections,
    jobs,
    history,
    audit: record,
    settings,
    reveal: host.reveal,
  });
  const query = new QueryService({
    connections,
    parser,
    spoolDirectory: spoolDirectoryOf(dataDirectory),
    lastBackup: (connectionId) => backups.last(connectionId),
    remember: (entry) => history.rememberQuery(entry),
    audit: record,
  });
  const migrations = new MigrationsService({
    dataDirectory,
    connections,
    jobs,
    history,
    audit: record,
    settings,
    ownFolders: [path.resolve(sampleMigrationsFolder(host.assets))],
  });
  await migrations.load();
  const fleet = new FleetService({
    dataDirectory,
    connections,
    settings,
    secrets: secrets.state,
    store,
    backups,
    migrations,
    jobs,
    redact: secrets.redact,
    log,
    writesFile: !isPassing,
  });
  await fleet.load();
  const healthRules = new HealthRules(dataDirectory);
  await healthRules.load(settings.onUnreadable);
  const services = {
    settings,
    secrets,
    connections,
    jobs,
    parser,
    store,
    history,
    audit,
    query,
    migrations,
    plans: new PlansService(connections, parser, history, record),
    activity: new ActivityService(connections, record),
    statements: new StatementsService({ connections, parser, store, settings }),
    health: new HealthService({
      connections,
      jobs,
      parser,
      store,
      rules: healthRules,
      version: host.version,
      audit: record,
      logLoss: (what, error) => log(`${what} was not kept`, error),
    }),
    backups,
    fleet,
    logs: new LogsService({
      dataDirectory,
      jobs,
      parser,
      store,
      logLoss: (what, error) => log(`${what} was not kept`, error),
    }),
    choosePath: host.choosePath ?? noDialog,
    sample: new SampleService({
      connections,
      jobs,
      migrations,
      audit: record,
      localServer: startedLocalServer,
      assets: host.assets,
    }),
  };
  const { status, stop } = watchStatus(host, services);
  return {
    ...services,
    status,
    [Symbol.asyncDispose]: async () => {
      stop();
      await services.activity[Symbol.asyncDispose]();
      await fleet[Symbol.asyncDispose]();
      await jobs[Symbol.asyncDispose]();
      await services.logs[Symbol.asyncDispose]();
      await query[Symbol.asyncDispose]();
      await history.flush();
      await audit[Symbol.asyncDispose]();
      await connections[Symbol.asyncDispose]();
      await parser[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await secrets[Symbol.asyncDispose]();
    },
  };
}

async function noDialog(): Promise<never> {
  throw StewardError.of('refused', 'There is no file dialog here', { hint: 'Type the path.' });
}

/** One value for the status page, kept up to date from its parts. */
function watchStatus(host: HostPorts, services: Pick<Services, 'settings' | 'secrets' | 'store'>) {
  const { settings, secrets, store } = services;
  const current = (): AppStatus => ({
    version: host.version,
    host: host.kind,
    dataDirectory: host.dataDirectory,
    choosesPaths: host.choosePath !== undefined,
    localServer: store.localServerState.value,
    store: store.storeState.value,
    secrets: secrets.description,
    problems: [...settings.problems.value],
  });
  const status = new LiveValue(current());
  const controller = new AbortController();
  for (const part of [settings.problems, secrets.state, store.localServerState, store.storeState]) {
    void (async () => {
      for await (const _ of part.watch(controller.signal)) status.set(current());
    })();
  }
  return { status, stop: () => controller.abort() };
}
