import { useState } from 'react';

import type { AppliedFix } from '#contract/health.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogSpacer } from '../../ui/dialog.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';

import styles from './health-panel.module.css';
import { UndoFixButton } from './undo-fix-button.tsx';
import { useAppliedFixes } from './use-finding-extras.ts';

/** The fixes that were applied on a connection, each with its way back. */
export function FixList({ connectionId }: { readonly connectionId: string }) {
  const [open, setOpen] = useState<AppliedFix | null>(null);
  const fixes = useAppliedFixes(connectionId);
  if (fixes.length === 0) return null;
  const shown = open === null ? null : (fixes.find(({ id }) => id === open.id) ?? open);
  return (
    <>
      <h2 className={styles['heading']}>Fixes</h2>
      <ul className={styles['groups']} aria-label="Fixes">
        {fixes.slice(0, 8).map((fix) => (
          <li key={fix.id}>
            <button
              type="button"
              className={styles['report']}
              title={`${fix.check}: ${fix.object}`}
              onClick={() => setOpen(fix)}
            >
              <span className={styles['name']}>{fix.object}</span>
              <span className={styles['reportCounts']}>
                {fix.undoneAt === null ? <RelativeTime at={fix.appliedAt} /> : 'taken back'}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {shown !== null && (
        <Dialog
          open
          onOpenChange={(next) => {
            if (!next) setOpen(null);
          }}
          title={`${shown.check}: ${shown.object}`}
          description={shown.outcome}
          size="wide"
          footer={
            <>
              <UndoFixButton fix={shown} connectionId={connectionId} />
              <DialogSpacer />
              <Button onClick={() => setOpen(null)}>Close</Button>
            </>
          }
        >
          <SqlBlock sql={shown.fixSql} label="Fix" connectionId={connectionId} maxHeight={220} />
          {shown.undoSql !== null && (
            <>
              <h3 className={styles['heading']}>Way back</h3>
              <SqlBlock sql={shown.undoSql} label="Way back" connectionId={connectionId} maxHeight={220} />
            </>
          )}
        </Dialog>
      )}
    </>
  );
}
