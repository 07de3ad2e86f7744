import { create } from 'zustand';

import type { SecretsState } from '#contract/secrets.ts';

import { queryClient, rpcKey } from '../../rpc/queries.ts';

export type SecretsDialogKind = 'unlock' | 'create' | 'change';

interface Asked {
  readonly kind: SecretsDialogKind;
  /** True: it was done. */
  readonly answer: (done: boolean) => void;
  readonly done: Promise<boolean>;
}

/** The dialog on screen. At most one: who asks for the same again gets the same answer. */
export const useSecretsDialog = create<{ readonly asked: Asked | null }>(() => ({ asked: null }));

/** The state as it stands now, for code that is no component; null until it has arrived. */
export function secretsState(): SecretsState | null {
  return queryClient.getQueryData<SecretsState>(rpcKey('secrets', 'state')) ?? null;
}

/** Shows what a call of the secrets answered, before the watch tells the same. */
export function setSecretsState(state: SecretsState): void {
  queryClient.setQueryData(rpcKey('secrets', 'state'), state);
}

/**
 * Asks for the passphrase: call it when a failure carries the question `unlock`. Several at once share one dialog.
 * True when the same call can be made again: secrets are unlocked, or the user goes on without the stored ones.
 * False when the dialog was left.
 */
export function askToUnlock(): Promise<boolean> {
  return askForPassphrase('unlock');
}

/** Opens one of the dialogs. Another one that is open is left. */
export function askForPassphrase(kind: SecretsDialogKind): Promise<boolean> {
  const { asked } = useSecretsDialog.getState();
  if (asked?.kind === kind) return asked.done;
  asked?.answer(false);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  useSecretsDialog.setState({ asked: { kind, answer: resolve, done: promise } });
  return promise;
}

/** Answers who asked, and closes the dialog. */
export function leaveSecretsDialog(done: boolean): void {
  useSecretsDialog.getState().asked?.answer(done);
  useSecretsDialog.setState({ asked: null });
}
