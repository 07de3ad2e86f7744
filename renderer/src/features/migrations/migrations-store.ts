import { create } from 'zustand';

import { client } from '../../rpc/client.ts';
import { queryClient, rpcKey, rpcQuery } from '../../rpc/queries.ts';

interface MigrationsState {
  /** The folder that is shown, by connection; where there is none, the one that was opened last. */
  readonly folders: Readonly<Record<string, string>>;
  /** The migration that is shown, by connection. */
  readonly selected: Readonly<Record<string, string>>;
  /** The connection for which another folder is being chosen. */
  readonly choosingFor: string | null;
}

export const useMigrationsState = create<MigrationsState>(() => ({ folders: {}, selected: {}, choosingFor: null }));

const { setState } = useMigrationsState;

/** Opens a folder on a connection: reads its names and the tracking table, and loads no code. Throws what is wrong with it. */
export async function openFolder(connectionId: string, path: string): Promise<void> {
  const status = await client.migrations.status({ connectionId, folder: path });
  const { folder } = status;
  queryClient.setQueryData(rpcQuery('migrations', 'status', { connectionId, folder }).queryKey, status);
  setState((state) => {
    const { [connectionId]: _left, ...selected } = state.selected;
    return { folders: { ...state.folders, [connectionId]: folder }, selected, choosingFor: null };
  });
  await queryClient.invalidateQueries({ queryKey: rpcKey('migrations', 'folders') });
}

/** Asks for another folder; null stops asking. */
export function chooseFolder(connectionId: string | null): void {
  setState({ choosingFor: connectionId });
}

/** Shows a migration. */
export function selectMigration(connectionId: string, name: string): void {
  setState((state) => ({ selected: { ...state.selected, [connectionId]: name }, choosingFor: null }));
}

/** Says whether the code of a folder may be loaded. */
export async function trustFolder(folder: string, trusted: boolean): Promise<void> {
  await client.migrations.trust({ folder, trusted });
  await refreshMigrations();
}

/** Reads folders, states and SQL anew. */
export async function refreshMigrations(): Promise<void> {
  await Promise.all(
    (['folders', 'status', 'sql'] as const).map((procedure) =>
      queryClient.invalidateQueries({ queryKey: rpcKey('migrations', procedure) }),
    ),
  );
}
