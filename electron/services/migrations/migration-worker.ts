import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

import type { MigrationSql } from '#contract/migrations.ts';
import { Migration, Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';

import { clientConfig } from '../../postgres/connect-parameters.ts';
import { StewardError, toFailure } from '../../postgres/failure.ts';
import { connectClient } from '../../postgres/pg-session.ts';
import type { MigrationAnswer, MigrationStep, MigrationTask } from './migration-task.ts';
import { installModuleHooks } from './module-hooks.ts';

type MigrationClass = new (...args: ConstructorParameters<typeof Migration>) => Migration;

installModuleHooks();
const task = workerData as MigrationTask;
try {
  answer(task.kind === 'sql' ? { kind: 'sql', migrations: await readSql(task) } : await run(task));
} catch (error) {
  answer({ kind: 'failed', failure: toFailure(error) });
}

function answer(message: MigrationAnswer): void {
  parentPort?.postMessage(message);
}

/** Builds the SQL of each migration without a server: what it adds is recorded, what it would execute is noted. */
async function readSql({ files }: Extract<MigrationTask, { kind: 'sql' }>): Promise<MigrationSql[]> {
  const orm = await recordingOrm();
  const migrations: MigrationSql[] = [];
  for (const { name, file } of files) migrations.push(await recordMigration(orm, name, file));
  await orm.close(true);
  return migrations;
}

/** An instance that never connects: migrations ask it for the platform's SQL. */
function recordingOrm(): Promise<MikroORM> {
  return MikroORM.init({
    dbName: 'nowhere',
    host: '/nowhere',
    entities: [],
    discovery: { warnWhenNoEntities: false },
    ensureDatabase: false,
    logger: () => {},
  });
}

async function recordMigration(orm: MikroORM, name: string, file: string): Promise<MigrationSql> {
  const recorded: MigrationSql = {
    name,
    up: [],
    down: [],
    reversible: false,
    transactional: true,
    dynamic: false,
    error: null,
  };
  try {
    const Class = await loadMigration(file);
    const migration = new Class(orm.em.getDriver(), orm.config);
    const dynamic = () => {
      recorded.dynamic = true;
    };
    // What it runs by itself while it builds its SQL cannot be run here.
    migration.execute = async (sql: unknown) => {
      dynamic();
      statements.push(`-- run while the migration is built:\n${text(sql)}`);
      return [];
    };
    migration.getEntityManager = () => {
      dynamic();
      throw StewardError.of('bad_input', 'This migration uses the EntityManager; its SQL is only known when it runs');
    };
    const statements: string[] = [];
    recorded.transactional = migration.isTransactional();
    await migration.up();
    recorded.up = [...statements, ...migration.getQueries().map(text)];
    statements.length = 0;
    migration.reset();
    try {
      await migration.down();
      recorded.down = [...statements, ...migration.getQueries().map(text)];
      recorded.reversible = recorded.down.length > 0 || recorded.up.length === 0;
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('cannot be reverted'))) throw error;
    }
  } catch (error) {
    recorded.error = toFailure(error).message;
  }
  return recorded;
}

/** Runs migrations with MikroORM's own migrator, so that the tracking table is what MikroORM expects. */
async function run(task: Extract<MigrationTask, { kind: 'run' }>): Promise<MigrationAnswer> {
  const classes = await Promise.all(
    task.files.map(async ({ name, file }) => ({ name, class: await loadMigration(file) })),
  );
  const recorder = await recordingOrm();
  const { client, ssl } = await connectClient(task.parameters);
  await client.end();
  const config = clientConfig(task.parameters, ssl);
  const orm = await MikroORM.init({
    dbName: task.parameters.database,
    host: config.host ?? task.parameters.host,
    port: config.port ?? task.parameters.port,
    user: task.parameters.user,
    password: task.parameters.password ?? '',
    entities: [],
    discovery: { warnWhenNoEntities: false },
    ensureDatabase: false,
    // One session: what a migration sets (lock_timeout, role) holds for its next statement, and leaks nowhere.
    pool: { min: 0, max: 1 },
    driverOptions: { ...config },
    extensions: [Migrator],
    migrations: {
      migrationsList: classes,
      tableName: task.table,
      snapshot: false,
      disableForeignKeys: false,
      // With "all or nothing" a migration that opts out of transactions waits for ever for the batch around it.
      allOrNothing: false,
      silent: true,
    },
    logger: () => {},
  });
  try {
    for (const { name, file } of task.files) {
      const recorded = await recordMigration(recorder, name, file);
      step({ kind: 'begin', name, statements: task.direction === 'up' ? recorded.up : recorded.down });
      await (task.direction === 'up'
        ? orm.migrator.up({ migrations: [name] })
        : orm.migrator.down({ migrations: [name] }));
      step({ kind: 'done', name });
    }
    return { kind: 'ran' };
  } finally {
    await orm.close(true);
    await recorder.close(true);
  }
}

function step(message: MigrationStep): void {
  parentPort?.postMessage(message);
}

async function loadMigration(file: string): Promise<MigrationClass> {
  const exported: Record<string, unknown> = await import(pathToFileURL(file).href);
  const values = [...Object.values(exported), ...Object.values((exported['default'] as object | undefined) ?? {})];
  const found = values.find(
    (value): value is MigrationClass => typeof value === 'function' && typeof value.prototype?.up === 'function',
  );
  if (!found)
    throw StewardError.of('bad_input', `${file} exports no class with an up() method`, {
      hint: 'A migration is a class that extends Migration from @mikro-orm/migrations.',
    });
  return found;
}

function text(query: unknown): string {
  if (typeof query === 'string') return query.trim();
  const { sql, params } = (query ?? {}) as { sql?: string; params?: unknown[] };
  if (sql !== undefined) return params?.length ? `${sql} -- with ${JSON.stringify(params)}` : sql;
  const formatted = (query as { getFormattedQuery?: () => string } | null)?.getFormattedQuery?.();
  return formatted ?? String(query);
}
