import { create } from 'zustand';

/** What the connection dialog shows: nothing, a new connection, or the one of that id. */
export type Editing =
  | { readonly kind: 'none' }
  | { readonly kind: 'new'; readonly folder: string }
  | { readonly kind: 'edit'; readonly connectionId: string };

export interface ConnectionsState {
  readonly editing: Editing;
  readonly importing: boolean;
  /** Asks for the search field of the list to have the focus; counts up. */
  readonly searchAsked: number;
}

export const useConnectionsState = create<ConnectionsState>(() => ({
  editing: { kind: 'none' },
  importing: false,
  searchAsked: 0,
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

/** Opens or closes the import. */
export function setImporting(importing: boolean): void {
  useConnectionsState.setState({ importing });
}
