import { Check, TriangleAlert } from 'lucide-react';

import type { RollbackNote } from '#contract/plans.ts';

import { classNames } from '../../lib/class-names.ts';

import styles from './plans.module.css';

/** What a rollback takes back, and what it does not. */
export function RollbackNotes({ notes }: { readonly notes: readonly RollbackNote[] }) {
  if (notes.length === 0) return null;
  return (
    <ul className={styles['notes']} aria-label="What a rollback does">
      {notes.map(({ message, stays }) => {
        const Icon = stays ? TriangleAlert : Check;
        return (
          <li key={message} className={classNames(stays && styles['stays'])}>
            <Icon size={14} aria-label={stays ? 'Stays' : 'Taken back'} />
            {message}
          </li>
        );
      })}
    </ul>
  );
}
