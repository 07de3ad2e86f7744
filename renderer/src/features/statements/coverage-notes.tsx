import { Info, TriangleAlert } from 'lucide-react';

import type { CoverageNote } from '#contract/statements.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';

import styles from './statements.module.css';

/** What the numbers do not cover, and why. */
export function CoverageNotes({
  notes,
  connectionId,
}: {
  readonly notes: readonly CoverageNote[];
  readonly connectionId: string;
}) {
  if (notes.length === 0) return null;
  return (
    <ul className={styles['notes']} aria-label="What the numbers cover">
      {notes.map((note) => {
        const Icon = note.tone === 'warning' ? TriangleAlert : Info;
        return (
          <li key={note.kind} className={styles['note']} data-tone={note.tone}>
            <Icon size={14} aria-hidden />
            <span className={styles['noteText']}>{note.text}</span>
            {note.sql !== null && (
              <Popover
                label="What would mend it"
                align="end"
                className={styles['notePopover']}
                trigger={
                  <Button size="small" look="quiet">
                    What would mend it
                  </Button>
                }
              >
                <SqlBlock sql={note.sql} label="What would mend it" connectionId={connectionId} />
                {note.kind === 'evictions' && (
                  <p className={styles['stepWhy']}>
                    It takes effect after a restart of the server. Statements that differ in the length of a list only
                    fill any size.
                  </p>
                )}
              </Popover>
            )}
          </li>
        );
      })}
    </ul>
  );
}
