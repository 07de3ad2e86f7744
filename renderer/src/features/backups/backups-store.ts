import { create } from 'zustand';

import type { Backup, BackupFormat } from '#contract/backups.ts';

import { client } from '../../rpc/client.ts';
import { showFailureToast } from '../../ui/toast.tsx';

export interface BackupOptions {
  readonly format: BackupFormat;
  /** Empty means the default folder. */
  readonly directory: string;
  readonly schemaOnly: boolean;
}

interface BackupsState {
  /** How the next backup is made, by connection. */
  readonly options: Readonly<Record<string, BackupOptions>>;
  /** The backup that the restore dialog is about. */
  readonly restoring: Backup | null;
  /** What the restores that were begun here restore, by job: the jobs may belong to another connection. */
  readonly restores: ReadonlyMap<string, Backup>;
}

export const usualOptions: BackupOptions = { format: 'custom', directory: '', schemaOnly: false };

export const useBackups = create<BackupsState>(() => ({ options: {}, restoring: null, restores: new Map() }));

const { getState, setState } = useBackups;

/** How the next backup of a connection is made. */
export function optionsOf(connectionId: string): BackupOptions {
  return getState().options[connectionId] ?? usualOptions;
}

/** Changes how the next backup of a connection is made. */
export function changeOptions(connectionId: string, change: Partial<BackupOptions>): void {
  setState((state) => ({ options: { ...state.options, [connectionId]: { ...optionsOf(connectionId), ...change } } }));
}

/** Begins a backup with the options of the connection. Its job tells the rest. */
export async function backUp(connectionId: string): Promise<void> {
  const { format, directory, schemaOnly } = optionsOf(connectionId);
  try {
    await client.backups.start({
      connectionId,
      format,
      schemaOnly,
      ...(directory.trim() === '' ? {} : { directory: directory.trim() }),
    });
  } catch (error) {
    showFailureToast(error, 'The backup was not started');
  }
}

/** Opens the restore dialog for a backup; null closes it. */
export function askRestore(backup: Backup | null): void {
  setState({ restoring: backup });
}

/** Begins a restore into a new database. Throws what the service refuses. */
export async function restore(backup: Backup, connectionId: string, database: string): Promise<void> {
  const { jobId } = await client.backups.restore({ id: backup.id, connectionId, database });
  setState((state) => ({ restores: new Map([...state.restores, [jobId, backup]]) }));
}
