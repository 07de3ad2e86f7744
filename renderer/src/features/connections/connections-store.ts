import { create } from 'zustand';

/** What the connection dialog shows: nothing, a new connection, or the one of that id. */
export type Editing =
  | { readonly kind: 'none' }
  | { readonly kind: 'new'; readonly folder: string }
  | { readonly kind: 'edit'; readonly connectionId: string };

/** The import: closed, at its beginning, or with a file that was dropped on the list. */
export type Importing =
  | { readonly kind: 'none' }
  | { readonly kind: 'choose' }
  | { readonly kind: 'file'; readonly file: File };

export interface ConnectionsState {
  readonly editing: Editing;
  readonly importing: Importing;
}

export const useConnectionsState = create<ConnectionsState>(() => ({
  editing: { kind: 'none' },
  importing: { kind: 'none' },
}));

/** Opens the dialog: for a new connection, or for the one of that id. */
export function editConnection(which: 'new' | { readonly folder: string } | { readonly connectionId: string }): void {
  const editing: Editing =
    which === 'new'
      ? { kind: 'new', folder: '' }
      : 'folder' in which
        ? { kind: 'new', folder: which.folder }
        : { kind: 'edit', connectionId: which.connectionId };
  useConnectionsState.setState({ editing });
}

/** Closes the dialog. */
export function stopEditing(): void {
  useConnectionsState.setState({ editing: { kind: 'none' } });
}

/** Opens the import, or closes it. */
export function setImporting(importing: Importing): void {
  useConnectionsState.setState({ importing });
}
