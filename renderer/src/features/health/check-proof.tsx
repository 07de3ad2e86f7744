import { useState } from 'react';

import type { HealthCheckResult } from '#contract/health-model.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { formatDuration } from '../../lib/format-duration.ts';
import { Button } from '../../ui/button.tsx';

import styles from './health-card.module.css';
import tones from './tones.module.css';

/** The statement that a check ran: whoever doubts a finding runs it again. */
export function CheckProof({
  check,
  connectionId,
}: {
  readonly check: HealthCheckResult;
  readonly connectionId: string;
}) {
  const [shown, setShown] = useState(false);
  return (
    <div className={styles['proof']}>
      <div className={styles['proofLine']}>
        <Button look="quiet" size="small" aria-expanded={shown} onClick={() => setShown(!shown)}>
          {shown ? 'Hide the check’s SQL' : 'Show the check’s SQL'}
        </Button>
        <span className={tones['dim']}>
          {check.id} · {check.durationMs === 0 ? 'not run' : `answered in ${formatDuration(check.durationMs)}`}
        </span>
      </div>
      {shown && (
        <SqlBlock sql={check.sql} label={`SQL of check ${check.id}`} connectionId={connectionId} maxHeight={280} />
      )}
    </div>
  );
}
