import { SquareTerminal } from 'lucide-react';

import type { HealthCheckResult } from '#contract/health-model.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { Button } from '../../ui/button.tsx';
import { runCommandWith } from '../../workbench/commands.ts';

import { CardFrame } from './card-frame.tsx';
import { CheckProof } from './check-proof.tsx';
import { CopyButton } from './copy-button.tsx';
import styles from './health-card.module.css';
import tones from './tones.module.css';

export interface CheckCardProps {
  readonly tone: 'unknown' | 'error' | 'ok';
  readonly check: HealthCheckResult;
  readonly connectionId: string;
  readonly open: boolean;
  readonly onToggle: () => void;
}

const prefixes = { unknown: 'Cannot tell: ', error: 'Failed: ', ok: '' } as const;

/** A check that found nothing, could not tell or only in part, or failed: why, and what would unlock it. */
export function CheckCard({ tone, check, connectionId, open, onToggle }: CheckCardProps) {
  const { unlockSql } = check;
  const isPart = check.status === 'finding';
  return (
    <CardFrame
      tone={tone}
      title={(isPart ? 'Told in part: ' : prefixes[tone]) + check.title}
      subtitle={
        <>
          {check.reason ?? 'Nothing found'} · <span className={tones['checkId']}>{check.id}</span>
        </>
      }
      open={open}
      onToggle={onToggle}
    >
      <div className={styles['columns']}>
        <div className={styles['column']}>
          {check.reason !== undefined && (
            <section>
              <h3 className={styles['label']}>
                {tone === 'error' ? 'What the server said' : isPart ? 'Why this is not all' : 'Why it cannot tell'}
              </h3>
              <p className={tone === 'error' ? styles['serverWords'] : styles['prose']}>{check.reason}</p>
            </section>
          )}
          <section>
            <h3 className={styles['label']}>Why it matters</h3>
            <p className={styles['prose']}>{check.why}</p>
          </section>
        </div>
        {unlockSql !== undefined && (
          <div className={styles['column']}>
            <section className={styles['fix']}>
              <h3 className={styles['label']}>What would unlock it</h3>
              <SqlBlock sql={unlockSql} label="What would unlock it" connectionId={connectionId} maxHeight={200} />
              <div className={styles['buttons']}>
                <Button
                  icon={SquareTerminal}
                  onClick={() =>
                    void runCommandWith('query.open', { sql: unlockSql, title: `Unlock ${check.id}`, connectionId })
                  }
                >
                  Open as query
                </Button>
                <CopyButton text={unlockSql}>Copy</CopyButton>
              </div>
            </section>
          </div>
        )}
      </div>
      <CheckProof check={check} connectionId={connectionId} />
    </CardFrame>
  );
}
