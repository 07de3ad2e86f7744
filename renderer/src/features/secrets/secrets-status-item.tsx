import { Lock, LockOpen, TriangleAlert } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import type { SecretsState } from '#contract/secrets.ts';

import { classNames } from '../../lib/class-names.ts';
import { useSecrets } from '../../rpc/live-lists.ts';
import { Tooltip } from '../../ui/tooltip.tsx';
import { showSection } from '../../workbench/workbench-store.ts';

import { lockSecrets } from './secrets-actions.ts';
import { askToUnlock } from './secrets-dialogs.ts';
import styles from './secrets.module.css';

/** The lock of the secrets file: shows its state, and turns it. Nothing where there is no file. */
export function SecretsStatusItem() {
  const { data: state } = useSecrets();
  const lock = state === undefined ? null : lockOf(state);
  if (lock === null) return null;
  const { icon: Icon, words, explanation, bad, act } = lock;
  return (
    <Tooltip label={explanation} side="top">
      <button type="button" className={classNames(styles['lock'], bad && styles['bad'])} onClick={act}>
        <Icon size={13} aria-hidden />
        {words}
      </button>
    </Tooltip>
  );
}

interface LockWords {
  readonly icon: LucideIcon;
  readonly words: string;
  readonly explanation: string;
  readonly bad: boolean;
  readonly act: () => void;
}

function lockOf(state: SecretsState): LockWords | null {
  if (state.damage !== null) {
    return {
      icon: TriangleAlert,
      words: 'secrets file damaged',
      explanation: 'Stored passwords cannot be read. Click to see what can be done.',
      bad: true,
      act: () => showSection('settings'),
    };
  }
  if (state.level !== 'passphrase') return null;
  if (state.locked) {
    return {
      icon: Lock,
      words: 'secrets locked',
      explanation: 'Stored passwords cannot be used until you give your passphrase. Click to unlock.',
      bad: false,
      act: () => void askToUnlock(),
    };
  }
  return {
    icon: LockOpen,
    words: 'secrets unlocked',
    explanation: 'Steward can use stored passwords. Click to lock.',
    bad: false,
    act: () => void lockSecrets(),
  };
}
