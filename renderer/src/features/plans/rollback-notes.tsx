import { Info, RotateCcw, TriangleAlert } from 'lucide-react';

import type { RollbackNote } from '#contract/plans.ts';

import { classNames } from '../../lib/class-names.ts';

import styles from './plans.module.css';

/** What a rollback does take back, although one may fear that it does not. */
const takenBack: ReadonlySet<RollbackNote['kind']> = new Set(['trigger', 'foreign-table', 'notify']);

/** What a rollback takes back, and what it does not. */
export function RollbackNotes({ notes }: { readonly notes: readonly RollbackNote[] }) {
  if (notes.length === 0) return null;
  return (
    <ul className={styles['notes']} aria-label="What a rollback does">
      {notes.map(({ kind, message, stays }) => {
        const Icon = stays ? TriangleAlert : takenBack.has(kind) ? RotateCcw : Info;
        return (
          <li key={message} className={classNames(stays && styles['stays'])}>
            <Icon size={14} aria-label={stays ? 'Stays' : takenBack.has(kind) ? 'Taken back' : 'Note'} />
            {message}
          </li>
        );
      })}
    </ul>
  );
}
