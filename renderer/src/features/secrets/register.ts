import { KeyRound, Lock, LockOpen } from 'lucide-react';

import { registerCommand } from '../../workbench/commands.ts';
import { registerAnswer } from '../../workbench/questions.ts';
import { registerStatusItem } from '../../workbench/status-items.ts';

import { lockSecrets } from './secrets-actions.ts';
import { askForPassphrase, askToUnlock, secretsState } from './secrets-dialogs.ts';
import { SecretsStatusItem } from './secrets-status-item.tsx';

/** Adds the commands of the secrets file and its lock to the status bar, and answers the question `unlock`. */
export function registerSecrets(): void {
  registerCommand({
    id: 'secrets.lock',
    title: 'Lock secrets',
    group: 'Secrets',
    icon: Lock,
    enabled: () => secretsState()?.level === 'passphrase' && secretsState()?.locked === false,
    run: lockSecrets,
  });
  registerCommand({
    id: 'secrets.unlock',
    title: 'Unlock secrets…',
    group: 'Secrets',
    icon: LockOpen,
    enabled: () => canUnlock(),
    run: async () => void (await askToUnlock()),
  });
  registerCommand({
    id: 'secrets.changePassphrase',
    title: 'Change passphrase…',
    group: 'Secrets',
    icon: KeyRound,
    enabled: () => secretsState()?.level === 'passphrase',
    run: async () => void (await askForPassphrase('change')),
  });
  registerCommand({
    id: 'secrets.createPassphrase',
    title: 'Create a passphrase…',
    group: 'Secrets',
    icon: KeyRound,
    enabled: () => secretsState()?.level === 'session' && secretsState()?.fileExists === false,
    run: async () => void (await askForPassphrase('create')),
  });
  registerAnswer('unlock', askToUnlock);
  registerStatusItem({ id: 'secrets.lock', side: 'right', order: 10, component: SecretsStatusItem });
}

/** It is locked, or was left aside for this run. */
function canUnlock(): boolean {
  const state = secretsState();
  if (state === null || state.damage !== null || !state.fileExists) return false;
  return state.locked || state.level === 'session';
}
