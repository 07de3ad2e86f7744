import { implement } from '@orpc/server';

import { contract } from '#contract/index.ts';

import { parseConnectionUrl } from '../services/connections/index.ts';
import type { Services } from '../services/index.ts';
import { readCatalog, readDdl, readGraph, readRelation } from '../services/schema/index.ts';
import { errorMapping } from './error-mapping.ts';

const done = {};

/** Every procedure of the contract, met by a service. No transport and no logic here. */
export function createRouter(services: Services) {
  const { toRpcError, guarded } = errorMapping(services.secrets.redact);
  const os = implement(contract).use(async ({ next }) => {
    try {
      return await next();
    } catch (error) {
      throw toRpcError(error);
    }
  });
  const {
    connections,
    query,
    plans,
    health,
    activity,
    statements,
    jobs,
    backups,
    migrations,
    audit,
    settings,
    secrets,
  } = services;

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
      duplicate: os.connections.duplicate.handler(({ input }) => connections.duplicate(input.id)),
      move: os.connections.move.handler(async ({ input }) => {
        await connections.move(input.ids, input.folder, input.beforeId);
        return done;
      }),
      readImport: os.connections.readImport.handler(({ input }) => connections.readImport(input.source, input.text)),
      import: os.connections.import.handler(async ({ input }) => ({
        ids: await connections.importDrafts(input.drafts),
      })),
      export: os.connections.export.handler(({ input }) => ({ text: connections.exportText(input.ids) })),
      trustHostKey: os.connections.trustHostKey.handler(async ({ input }) => {
        await connections.trustHostKey(input);
        return done;
      }),
      provideSecret: os.connections.provideSecret.handler(async ({ input }) => {
        const { id, value, remember, ...name } = input;
        await connections.provideSecret(id, name, value, remember);
        return done;
      }),
      acceptSuperuser: os.connections.acceptSuperuser.handler(({ input }) =>
        connections.acceptSuperuser(input.id, input.words),
      ),
      readOnlyRole: os.connections.readOnlyRole.handler(async ({ input }) => ({
        sql: await connections.readOnlyRole(input.id),
      })),
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
      assess: os.query.assess.handler(({ input }) => query.assess(input)),
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
      assess: os.plans.assess.handler(({ input, signal }) => plans.assess(input, signal)),
      history: os.plans.history.handler(({ input }) => plans.history(input)),
      saved: os.plans.saved.handler(({ input }) => services.history.planSource(input.id)),
    },
    health: {
      run: os.health.run.handler(({ input, signal }) => guarded(health.run(input, signal))),
      checks: os.health.checks.handler(() => health.rules.checks()),
      setThreshold: os.health.setThreshold.handler(async ({ input }) => {
        await health.rules.setThreshold(input.check, input.name, input.value);
        return health.rules.checks();
      }),
      setAsked: os.health.setAsked.handler(async ({ input }) => {
        await health.rules.setAsked(input.check, input.asked);
        return health.rules.checks();
      }),
      reports: os.health.reports.handler(({ input }) => health.reports(input)),
      report: os.health.report.handler(({ input }) => health.report(input.id)),
      compare: os.health.compare.handler(({ input }) => health.compare(input)),
      forecasts: os.health.forecasts.handler(({ input }) => health.forecasts(input.connectionId)),
      trends: os.health.trends.handler(({ input }) => health.trends(input.connectionId)),
      export: os.health.export.handler(({ input }) => health.export(input)),
      suppressions: os.health.suppressions.handler(() => [...health.rules.suppressions]),
      suppress: os.health.suppress.handler(({ input }) => health.rules.suppress(input)),
      unsuppress: os.health.unsuppress.handler(async ({ input }) => {
        await health.rules.unsuppress(input.id);
        return done;
      }),
      previewFix: os.health.previewFix.handler(({ input, signal }) => health.previewFix(input, signal)),
      fix: os.health.fix.handler(async ({ input }) => ({ jobId: (await health.fix(input)).id })),
      fixes: os.health.fixes.handler(({ input }) => health.fixes(input)),
      undoFix: os.health.undoFix.handler(async ({ input }) => ({ jobId: (await health.undoFix(input)).id })),
    },
    activity: {
      watch: os.activity.watch.handler(({ input, signal }) => guarded(activity.watch(input.connectionId, signal))),
      session: os.activity.session.handler(({ input, signal }) => activity.session(input, signal)),
      cancel: os.activity.cancel.handler(({ input }) => activity.cancel(input)),
      terminate: os.activity.terminate.handler(({ input }) => activity.terminate(input)),
    },
    statements: {
      state: os.statements.state.handler(({ input, signal }) => statements.state(input.connectionId, signal)),
      snapshot: os.statements.snapshot.handler(({ input }) => statements.snapshot(input.connectionId)),
      snapshots: os.statements.snapshots.handler(({ input }) => statements.snapshots(input.connectionId, input.limit)),
      watch: os.statements.watch.handler(({ input, signal }) =>
        guarded(statements.watch(input.connectionId, input.everySeconds, signal)),
      ),
      deltas: os.statements.deltas.handler(({ input }) => statements.deltas(input)),
      statement: os.statements.statement.handler(({ input }) => statements.statement(input)),
    },
    logs: {
      import: os.logs.import.handler(async ({ input }) => {
        const { job, importId } = await services.logs.import(input);
        return { jobId: job.id, importId };
      }),
      beginUpload: os.logs.beginUpload.handler(async ({ input }) => ({
        uploadId: await services.logs.beginUpload(input.name),
      })),
      uploadPart: os.logs.uploadPart.handler(async ({ input }) => ({
        bytes: await services.logs.uploadPart(input.uploadId, input.base64),
      })),
      abandonUpload: os.logs.abandonUpload.handler(async ({ input }) => {
        await services.logs.abandonUpload(input.uploadId);
        return done;
      }),
      list: os.logs.list.handler(() => services.logs.list()),
      report: os.logs.report.handler(({ input }) => services.logs.report(input.id)),
      statements: os.logs.statements.handler(({ input }) => services.logs.statements(input.id)),
      statement: os.logs.statement.handler(({ input }) => services.logs.statement(input.id, input.fingerprint)),
      samples: os.logs.samples.handler(({ input }) => services.logs.samples(input)),
      plan: os.logs.plan.handler(({ input }) => services.logs.plan(input.id, input.number)),
      export: os.logs.export.handler(({ input }) => services.logs.export(input.id, input.format)),
      remove: os.logs.remove.handler(async ({ input }) => {
        await services.logs.remove(input.id);
        return done;
      }),
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
    audit: {
      list: os.audit.list.handler(({ input }) => audit.list(input)),
      watch: os.audit.watch.handler(({ signal }) => guarded(audit.state.watch(signal, 250))),
      export: os.audit.export.handler(async ({ input }) => {
        const { job, path } = await audit.export(input.filter, input.format, input.path);
        return { jobId: job.id, path };
      }),
      reveal: os.audit.reveal.handler(({ input }) => audit.reveal(input.jobId)),
    },
    migrations: {
      folders: os.migrations.folders.handler(({ input }) => migrations.folders(input.connectionId)),
      trust: os.migrations.trust.handler(({ input }) => migrations.trust(input.folder, input.trusted)),
      status: os.migrations.status.handler(({ input }) => migrations.status(input)),
      sql: os.migrations.sql.handler(({ input, signal }) => migrations.sql(input, signal)),
      up: os.migrations.up.handler(async ({ input }) => ({ jobId: (await migrations.up(input)).job.id })),
      down: os.migrations.down.handler(async ({ input }) => ({ jobId: (await migrations.down(input)).job.id })),
    },
    fleet: {
      watch: os.fleet.watch.handler(({ signal }) => guarded(services.fleet.watch(signal))),
      refresh: os.fleet.refresh.handler(({ input, signal }) => services.fleet.refresh(input, signal)),
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
      choosePath: os.settings.choosePath.handler(async ({ input }) => ({ path: await services.choosePath(input) })),
      readUiState: os.settings.readUiState.handler(({ input }) => ({ value: settings.readUiState(input.key) })),
      writeUiState: os.settings.writeUiState.handler(async ({ input }) => {
        await settings.writeUiState(input.key, input.value);
        return done;
      }),
    },
    secrets: {
      state: os.secrets.state.handler(() => secrets.state.value),
      watch: os.secrets.watch.handler(({ signal }) => guarded(secrets.state.watch(signal))),
      createPassphrase: os.secrets.createPassphrase.handler(({ input }) => secrets.createPassphrase(input.passphrase)),
      unlock: os.secrets.unlock.handler(({ input }) => secrets.unlock(input.passphrase)),
      lock: os.secrets.lock.handler(() => secrets.lock()),
      changePassphrase: os.secrets.changePassphrase.handler(({ input }) =>
        secrets.changePassphrase(input.oldPassphrase, input.newPassphrase),
      ),
      sessionOnly: os.secrets.sessionOnly.handler(() => secrets.useSessionOnly()),
      keepDamagedAside: os.secrets.keepDamagedAside.handler(() => secrets.keepDamagedAside()),
    },
  });
}

export type Router = ReturnType<typeof createRouter>;
