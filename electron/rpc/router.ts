import { implement } from '@orpc/server';

import { contract } from '#contract/index.ts';

import { parseConnectionUrl } from '../services/connections/index.ts';
import type { Services } from '../services/index.ts';
import { readCatalog, readDdl, readGraph, readRelation } from '../services/schema/index.ts';
import { guarded, toRpcError } from './error-mapping.ts';

const done = {};

/** Every procedure of the contract, met by a service. No transport and no logic here. */
export function createRouter(services: Services) {
  const os = implement(contract).use(async ({ next }) => {
    try {
      return await next();
    } catch (error) {
      throw toRpcError(error);
    }
  });
  const { connections, query, plans, health, jobs, backups, migrations, settings } = services;

  return os.router({
    connections: {
      list: os.connections.list.handler(() => [...connections.list.value]),
      watch: os.connections.watch.handler(({ signal }) =>
        guarded(connections.list.watch(signal), (entries) => [...entries]),
      ),
      save: os.connections.save.handler(({ input }) => connections.save(input)),
      remove: os.connections.remove.handler(async ({ input }) => {
        await connections.remove(input.id);
        return done;
      }),
      parseUrl: os.connections.parseUrl.handler(({ input }) => {
        const { fields, warnings } = parseConnectionUrl(input.url);
        return { ...fields, warnings: [...warnings] };
      }),
      test: os.connections.test.handler(({ input, signal }) => connections.test(input, signal)),
      open: os.connections.open.handler(({ input }) => connections.open(input.id)),
      close: os.connections.close.handler(({ input }) => connections.close(input.id)),
    },
    schema: {
      catalog: os.schema.catalog.handler(async ({ input, signal }) =>
        readCatalog(await connections.reader(input.connectionId), signal),
      ),
      relation: os.schema.relation.handler(async ({ input, signal }) =>
        readRelation(await connections.reader(input.connectionId), input.oid, signal),
      ),
      ddl: os.schema.ddl.handler(async ({ input, signal }) => ({
        sql: await readDdl(await connections.reader(input.connectionId), input.oid, signal),
      })),
      graph: os.schema.graph.handler(async ({ input, signal }) =>
        readGraph(await connections.reader(input.connectionId), signal),
      ),
    },
    query: {
      run: os.query.run.handler(({ input, signal }) => guarded(query.run(input, signal))),
      rows: os.query.rows.handler(({ input }) => query.page(input.resultId, input.offset, input.limit)),
      tabStatus: os.query.tabStatus.handler(({ input }) => query.tabStatus(input.tabId)),
      closeTab: os.query.closeTab.handler(async ({ input }) => {
        await query.closeTab(input.tabId);
        return done;
      }),
      parse: os.query.parse.handler(async ({ input }) => {
        const { statements, error } = await services.parser.parse(input.sql);
        return { statements: statements.map(({ start, end, changesData }) => ({ start, end, changesData })), error };
      }),
      history: os.query.history.handler(({ input }) => services.history.queries(input)),
    },
    plans: {
      explain: os.plans.explain.handler(({ input, signal }) => plans.explain(input, signal)),
      analyze: os.plans.analyze.handler(async ({ input, signal }) => ({
        plans: await plans.analyze(input.source, signal),
      })),
      history: os.plans.history.handler(({ input }) => services.history.plans(input.limit)),
      saved: os.plans.saved.handler(({ input, signal }) => plans.saved(input.id, signal)),
    },
    health: {
      run: os.health.run.handler(({ input, signal }) => guarded(health.run(input, signal))),
      reports: os.health.reports.handler(({ input }) => services.history.reports(input)),
      report: os.health.report.handler(({ input }) => services.history.report(input.id)),
    },
    jobs: {
      list: os.jobs.list.handler(() => [...jobs.jobs.value]),
      watch: os.jobs.watch.handler(({ signal }) => guarded(jobs.jobs.watch(signal, 100), (list) => [...list])),
      cancel: os.jobs.cancel.handler(({ input }) => {
        jobs.cancel(input.id);
        return done;
      }),
      log: os.jobs.log.handler(({ input }) => ({ lines: [...jobs.log(input.id)] })),
      dismiss: os.jobs.dismiss.handler(({ input }) => {
        jobs.dismiss(input.id);
        return done;
      }),
    },
    backups: {
      plan: os.backups.plan.handler(({ input }) => backups.plan(input.connectionId)),
      start: os.backups.start.handler(({ input }) => ({ jobId: backups.start(input).job.id })),
      list: os.backups.list.handler(({ input }) => backups.list(input.connectionId)),
      reveal: os.backups.reveal.handler(({ input }) => backups.reveal(input.id)),
      restore: os.backups.restore.handler(async ({ input }) => ({ jobId: (await backups.restore(input)).job.id })),
    },
    migrations: {
      folders: os.migrations.folders.handler(({ input }) => migrations.folders(input.connectionId)),
      trust: os.migrations.trust.handler(({ input }) => migrations.trust(input.folder, input.trusted)),
      status: os.migrations.status.handler(({ input }) => migrations.status(input)),
      sql: os.migrations.sql.handler(({ input, signal }) => migrations.sql(input, signal)),
      up: os.migrations.up.handler(async ({ input }) => ({ jobId: (await migrations.up(input)).job.id })),
      down: os.migrations.down.handler(async ({ input }) => ({ jobId: (await migrations.down(input)).job.id })),
    },
    settings: {
      get: os.settings.get.handler(() => settings.current),
      set: os.settings.set.handler(({ input }) => settings.set(input)),
      status: os.settings.status.handler(() => services.status.value),
      watchStatus: os.settings.watchStatus.handler(({ signal }) => guarded(services.status.watch(signal))),
      startLocalServer: os.settings.startLocalServer.handler(async () => {
        await services.store.restart();
        return services.status.value;
      }),
      createSample: os.settings.createSample.handler(({ input }) => ({
        jobId: services.sample.start(input.factor).job.id,
      })),
      readUiState: os.settings.readUiState.handler(({ input }) => ({ value: settings.readUiState(input.key) })),
      writeUiState: os.settings.writeUiState.handler(async ({ input }) => {
        await settings.writeUiState(input.key, input.value);
        return done;
      }),
    },
  });
}

export type Router = ReturnType<typeof createRouter>;
