import { MikroORM } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';

import { storeMigrations } from '../../migrations/index.ts';
import { entities } from './entities.ts';

/** Where the store is: the fields of a connection, whichever server that is on. */
export interface StoreAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string | undefined;
  readonly database: string;
  readonly ssl: false | object;
}

/** Any number that all Stewards share. */
const migrationLock = 7_305_411_902;

/**
 * Opens the store and brings its tables up to date. Two hosts that start at once wait for each other at an
 * advisory lock, so that each migration runs once.
 */
export async function openStore(address: StoreAddress): Promise<MikroORM> {
  const orm = await MikroORM.init({
    dbName: address.database,
    host: address.host,
    port: address.port,
    user: address.user,
    password: address.password ?? '',
    entities,
    schema: 'steward',
    ensureDatabase: false,
    pool: { min: 0, max: 4, idleTimeoutMillis: 30_000 },
    driverOptions: {
      ssl: address.ssl,
      application_name: 'steward store',
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      allowExitOnIdle: true,
    },
    extensions: [Migrator],
    migrations: {
      migrationsList: storeMigrations,
      tableName: 'steward.migrations',
      snapshot: false,
      allOrNothing: true,
      silent: true,
    },
    logger: () => {},
  });
  try {
    const pool = await orm.em.getConnection().getNativeClient();
    const client = await pool.connect();
    try {
      await client.query('select pg_advisory_lock($1)', [migrationLock]);
      await client.query('create schema if not exists steward');
      await orm.migrator.up();
    } finally {
      await client.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => {});
      client.release();
    }
    return orm;
  } catch (error) {
    await orm.close(true);
    throw error;
  }
}
