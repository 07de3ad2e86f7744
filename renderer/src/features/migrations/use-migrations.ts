import { useQuery } from '@tanstack/react-query';

import type { Failure } from '#contract/failure.ts';
import type { MigrationEntry } from '#contract/migrations.ts';

import type { Outputs } from '../../rpc/client.ts';
import { failureOf } from '../../rpc/failure.ts';
import { rpcQuery } from '../../rpc/queries.ts';

import { firstToShow } from './migration-words.ts';
import { useMigrationsState } from './migrations-store.ts';

export type FolderStatus = Outputs['migrations']['status'];

export interface ShownMigrations {
  /** Folders that were opened on this connection, newest first. */
  readonly recent: readonly { readonly folder: string; readonly trusted: boolean }[];
  readonly folder: string | null;
  readonly choosing: boolean;
  readonly loading: boolean;
  readonly failure: Failure | null;
  readonly status: FolderStatus | null;
  readonly selected: MigrationEntry | null;
  readonly retry: () => void;
}

/** The migrations folder of a connection, its states, and the migration that is shown. */
export function useMigrations(connectionId: string | null): ShownMigrations {
  const chosen = useMigrationsState((state) => (connectionId === null ? undefined : state.folders[connectionId]));
  const selectedName = useMigrationsState((state) =>
    connectionId === null ? undefined : state.selected[connectionId],
  );
  const choosing = useMigrationsState((state) => state.choosingFor !== null && state.choosingFor === connectionId);
  const folders = useQuery({
    ...rpcQuery('migrations', 'folders', { connectionId: connectionId ?? '' }),
    enabled: connectionId !== null,
  });
  const folder = chosen ?? folders.data?.[0]?.folder ?? null;
  const status = useQuery({
    ...rpcQuery('migrations', 'status', { connectionId: connectionId ?? '', folder: folder ?? '' }),
    enabled: connectionId !== null && folder !== null,
    staleTime: 0,
  });
  const entries = status.data?.entries ?? [];
  const shownName = entries.some(({ name }) => name === selectedName) ? selectedName : firstToShow(entries);
  const error = folders.error ?? status.error;
  return {
    recent: folders.data ?? [],
    folder,
    choosing,
    loading: folders.isLoading || status.isLoading,
    failure: error === null ? null : failureOf(error),
    status: folder === null ? null : (status.data ?? null),
    selected: entries.find(({ name }) => name === shownName) ?? null,
    retry: () => void (folders.error === null ? status.refetch() : folders.refetch()),
  };
}
