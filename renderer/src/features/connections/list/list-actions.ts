import type { ConnectionEntry } from '#contract/connections.ts';

import { countOf } from '../../../lib/format-count.ts';
import { saveFile } from '../../../lib/save-file.ts';
import { client } from '../../../rpc/client.ts';
import { queryClient, rpcKey } from '../../../rpc/queries.ts';
import { showFailureToast, showToast } from '../../../ui/toast.tsx';
import { closeConnection, openConnections } from '../../../workbench/connection-actions.ts';

import { isInFolder, placeAfterStep } from './list-model.ts';

const listKey = rpcKey('connections', 'list');

/** Opens all that are not open. */
export function openAll(entries: readonly ConnectionEntry[]): void {
  void openConnections(entries.filter(({ state }) => state.kind !== 'open').map(({ id }) => id));
}

/** Closes all that are open. */
export function closeAll(entries: readonly ConnectionEntry[]): void {
  const open = entries.filter(({ state }) => state.kind !== 'closed');
  void Promise.all(open.map(({ id }) => closeConnection(id))).catch(showFailureToast);
}

export function duplicate(entry: ConnectionEntry): void {
  client.connections.duplicate({ id: entry.id }).then(
    (copy) => showToast({ kind: 'good', title: `${entry.name} is duplicated as ${copy.name}` }),
    (error: unknown) => showFailureToast(error, 'Not duplicated'),
  );
}

/** Moves follow one another: a step counts from where the one before it led. */
let lastMove: Promise<void> = Promise.resolve();

/** Puts connections into a folder, in front of another one or at the end. */
export function moveTo(ids: readonly string[], folder: string, beforeId?: string): Promise<void> {
  return enqueue(() => ({ ids, folder, beforeId }));
}

/** Moves connections one place up or down in their folder, if there is one. */
export function step(ids: ReadonlySet<string>, direction: 'up' | 'down'): void {
  void enqueue(() => {
    const connections = queryClient.getQueryData<ConnectionEntry[]>(listKey) ?? [];
    const place = placeAfterStep(connections, ids, direction);
    return place === null ? null : { ids: [...ids], ...place };
  });
}

interface Move {
  readonly ids: readonly string[];
  readonly folder: string;
  readonly beforeId: string | undefined;
}

function enqueue(next: () => Move | null): Promise<void> {
  lastMove = lastMove.then(async () => {
    const move = next();
    if (move === null) return;
    const { ids, folder, beforeId } = move;
    try {
      await client.connections.move({ ids: [...ids], folder, ...(beforeId === undefined ? {} : { beforeId }) });
      queryClient.setQueryData(listKey, await client.connections.list());
    } catch (error) {
      showFailureToast(error, 'Not moved');
    }
  });
  return lastMove;
}

/** Gives a folder another path; what lies in folders below it comes along. */
export async function renameFolder(connections: readonly ConnectionEntry[], from: string, to: string): Promise<void> {
  const inside = connections.filter((entry) => isInFolder(entry, from));
  const byFolder = Map.groupBy(inside, ({ folder }) => folder);
  for (const [folder, entries] of byFolder) {
    await moveTo(
      entries.map(({ id }) => id),
      `${to}${folder.slice(from.length)}`,
    );
  }
}

/** Downloads connections as a JSON file, which holds no secret. */
export async function exportToFile(entries: readonly ConnectionEntry[]): Promise<void> {
  try {
    const { text } = await client.connections.export({ ids: entries.map(({ id }) => id) });
    saveFile('steward-connections.json', new Blob([text], { type: 'application/json' }));
    const exported = entries.filter(({ managedBy }) => managedBy === 'user').length;
    showToast({
      kind: 'good',
      title: `${countOf(exported, 'connection')} exported`,
      description: 'steward-connections.json holds no passwords and no passphrases.',
    });
  } catch (error) {
    showFailureToast(error, 'Not exported');
  }
}
