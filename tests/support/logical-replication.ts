import type { TestServer } from './postgres-server.ts';
import { until } from './until.ts';

/**
 * Publishes `table` of the publisher and subscribes to it from a database of the subscriber, where the table exists
 * already. Both may be the same server. Needs `wal_level=logical` on the publisher. Answers when changes arrive.
 */
export async function subscribe(
  publisher: { readonly server: TestServer; readonly database: string },
  subscriber: { readonly server: TestServer; readonly database: string },
  names: { readonly table: string; readonly publication: string; readonly subscription: string },
): Promise<void> {
  const { server } = publisher;
  await server.run(`create publication ${names.publication} for table ${names.table}`, publisher.database);
  // A subscription to the same cluster waits for its own transaction when it makes its slot itself.
  const slot = names.subscription.replaceAll(/[^a-z0-9_]/g, '_');
  await server.run(`select pg_create_logical_replication_slot('${slot}', 'pgoutput')`, publisher.database);
  await subscriber.server.run(
    `create subscription ${names.subscription}
      connection 'host=127.0.0.1 port=${String(server.port)} user=${server.user} password=${server.password} dbname=${publisher.database}'
      publication ${names.publication}
      with (create_slot = false, slot_name = '${slot}', copy_data = false)`,
    subscriber.database,
  );
  await until(async () => {
    const [row] = await server.run(`select active from pg_replication_slots where slot_name = '${slot}'`);
    return row?.['active'] === true;
  }, `subscription ${names.subscription} is connected`);
}
