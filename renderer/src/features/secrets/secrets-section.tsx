import { Check, KeyRound, Lock, LockOpen, MemoryStick, ShieldCheck, TriangleAlert } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import type { SecretLevel, SecretsState } from '#contract/secrets.ts';

import { classNames } from '../../lib/class-names.ts';
import { failureOf } from '../../rpc/failure.ts';
import { useSecrets } from '../../rpc/live-lists.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';

import { type SecretsAct, keychainAbsence, secretLevelWords, summaryOf } from './secret-words.ts';
import { lockSecrets, startOver } from './secrets-actions.ts';
import { askForPassphrase, askToUnlock } from './secrets-dialogs.ts';
import styles from './secrets.module.css';

/** Where passwords are kept, what that is good for, and what can be done about it. For the settings. */
export function SecretsSection() {
  const { data: state, error } = useSecrets();
  return (
    <section className={styles['section']} aria-label="Secrets">
      <h2>Secrets</h2>
      {error !== null && state === undefined && <FailureView failure={failureOf(error)} />}
      {error === null && state === undefined && <SkeletonRows rows={3} label="Reading where secrets are kept" />}
      {state !== undefined && (
        <>
          <Summary state={state} />
          <Levels state={state} />
        </>
      )}
    </section>
  );
}

const icons: Readonly<Record<SecretLevel, LucideIcon>> = {
  keychain: ShieldCheck,
  passphrase: KeyRound,
  session: MemoryStick,
};

function Summary({ state }: { readonly state: SecretsState }) {
  const { title, words, acts } = summaryOf(state);
  const Icon = state.damage === null ? icons[state.level] : TriangleAlert;
  return (
    <div className={classNames(styles['summary'], state.damage !== null && styles['damaged'])}>
      <Icon size={18} aria-hidden className={styles['summaryIcon']} />
      <div className={styles['summaryWords']}>
        <p className={styles['title']}>
          {title} <LockBadge state={state} />
        </p>
        {words.map((line) => (
          <p key={line}>{line}</p>
        ))}
        {state.fileExists && <p className={styles['path']}>{state.file}</p>}
        {acts.length > 0 && (
          <div className={styles['acts']}>
            {acts.map((act) => (
              <Button key={act} size="small" onClick={actions[act].run}>
                {actions[act].label}
              </Button>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}

const actions: Readonly<Record<SecretsAct, { readonly label: string; readonly run: () => void }>> = {
  create: { label: 'Create a passphrase…', run: () => void askForPassphrase('create') },
  unlock: { label: 'Unlock…', run: () => void askToUnlock() },
  lock: { label: 'Lock', run: () => void lockSecrets() },
  change: { label: 'Change the passphrase…', run: () => void askForPassphrase('change') },
  retry: { label: 'Try to unlock…', run: () => void askToUnlock() },
  startOver: { label: 'Keep the file aside…', run: () => void startOver() },
  forgotten: { label: 'Passphrase forgotten…', run: () => void startOver() },
};

function LockBadge({ state }: { readonly state: SecretsState }) {
  if (state.level !== 'passphrase') return null;
  return state.locked ? (
    <Badge tone="warning" icon={Lock}>
      Locked
    </Badge>
  ) : (
    <Badge tone="good" icon={LockOpen}>
      Unlocked
    </Badge>
  );
}

function Levels({ state }: { readonly state: SecretsState }) {
  return (
    <table className={styles['levels']}>
      <caption>Steward takes the first of these that it can use.</caption>
      <thead>
        <tr>
          <th scope="col">Place</th>
          <th scope="col">Safe from</th>
          <th scope="col">Not safe from</th>
        </tr>
      </thead>
      <tbody>
        {secretLevelWords.map(({ level, name, safe, unsafe }) => {
          const inUse = level === state.level;
          const absence = level === 'keychain' ? keychainAbsence(state) : null;
          return (
            <tr key={level} aria-current={inUse ? 'true' : undefined}>
              <th scope="row">
                {name}
                {inUse && (
                  <Badge tone="accent" icon={Check}>
                    in use
                  </Badge>
                )}
                {absence !== null && <small>{absence}</small>}
              </th>
              <td>{safe}</td>
              <td>{unsafe}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
