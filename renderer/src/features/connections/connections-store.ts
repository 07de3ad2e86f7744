import { create } from 'zustand';

/** What the connection dialog shows: nothing, a new connection, or the one of that id. */
export type Editing =
  | { readonly kind: 'none' }
  | { readonly kind: 'new' }
  | { readonly kind: 'edit'; readonly connectionId: string };

export const useConnectionsState = create<{ readonly editing: Editing }>(() => ({ editing: { kind: 'none' } }));

/** Opens the dialog: for a new connection, or for the one of that id. */
export function editConnection(which: 'new' | { readonly connectionId: string }): void {
  useConnectionsState.setState({
    editing: which === 'new' ? { kind: 'new' } : { kind: 'edit', connectionId: which.connectionId },
  });
}

/** Closes the dialog. */
export function stopEditing(): void {
  useConnectionsState.setState({ editing: { kind: 'none' } });
}
