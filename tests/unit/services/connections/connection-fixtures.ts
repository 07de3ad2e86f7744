import { type Connection, connectionSchema } from '../../../../electron/contract/connections.ts';
import type { ImportDraft } from '../../../../electron/services/connections/import/found-connections.ts';

/** A saved connection with what matters to a test. */
export function connection(changes: Partial<Connection>): Connection {
  return connectionSchema.parse({
    id: 'a',
    name: 'orders',
    environment: 'development',
    color: 'green',
    host: 'db.example',
    port: 5432,
    database: 'orders',
    user: 'ada',
    sslMode: 'prefer',
    readOnly: false,
    managedBy: 'user',
    ...changes,
  });
}

/** What an import would save, with what matters to a test. */
export function draft(changes: Partial<ImportDraft>): ImportDraft {
  const { id: _id, managedBy: _managedBy, ...fields } = connection({});
  return { ...fields, ...changes };
}
