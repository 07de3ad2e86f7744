import type { ConnectionDraft, ConnectionEntry } from '#contract/connections.ts';

import { client } from '../rpc/client.ts';
import { queryClient, rpcKey } from '../rpc/queries.ts';

import { withAnswers } from './questions.ts';
import { selectConnection } from './workbench-store.ts';

/**
 * Makes a connection the current one and opens it if it is not open. A failure is not thrown: it is the connection's
 * state, which every view shows.
 */
export async function openAndSelect(connection: ConnectionEntry): Promise<void> {
  selectConnection(connection.id);
  if (connection.state.kind !== 'open') await openConnection(connection.id);
}

/**
 * Opens a connection, asking the person for what it takes: a key to trust, a password. Answers whether it is open now;
 * why not is in its state.
 */
export async function openConnection(connectionId: string): Promise<boolean> {
  try {
    const entry = await withAnswers(connectionId, () => client.connections.open({ id: connectionId }));
    replaceEntry(entry);
    return entry.state.kind === 'open';
  } catch {
    // The list tells the state, and with it the reason.
    await queryClient.invalidateQueries({ queryKey: rpcKey('connections', 'list') });
    return false;
  }
}

/** Opens several, a few at a time, so that neither the network nor the person is flooded. */
export async function openConnections(connectionIds: readonly string[]): Promise<void> {
  const waiting = [...connectionIds];
  const openNext = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await openConnection(id);
  };
  await Promise.all(Array.from({ length: 4 }, openNext));
}

/** Closes a connection and everything that was asked on it. */
export async function closeConnection(connectionId: string): Promise<void> {
  replaceEntry(await client.connections.close({ id: connectionId }));
}

/** Removes a saved connection. Its backups, plans and history stay. */
export async function removeConnection(connectionId: string): Promise<void> {
  await client.connections.remove({ id: connectionId });
  queryClient.setQueryData<ConnectionEntry[]>(rpcKey('connections', 'list'), (entries) =>
    entries?.filter((entry) => entry.id !== connectionId),
  );
}

/** Saves a new or changed connection. */
export async function saveConnection(draft: ConnectionDraft): Promise<ConnectionEntry> {
  const entry = await client.connections.save(draft);
  replaceEntry(entry);
  return entry;
}

/** The draft that would save a connection as it is, keeping its password. */
export function draftOf(entry: ConnectionEntry): ConnectionDraft {
  const { state: _state, managedBy: _managedBy, password, ...saved } = entry;
  return { ...saved, rememberPassword: password === 'stored' };
}

function replaceEntry(entry: ConnectionEntry): void {
  queryClient.setQueryData<ConnectionEntry[]>(rpcKey('connections', 'list'), (entries = []) =>
    entries.some((known) => known.id === entry.id)
      ? entries.map((known) => (known.id === entry.id ? entry : known))
      : [...entries, entry],
  );
}
