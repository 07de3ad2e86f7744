import { Lock, LockOpen, SquareTerminal, Table2, TriangleAlert } from 'lucide-react';
import { useState } from 'react';

import type { HealthCheckResult, HealthFinding } from '#contract/health-model.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { runCommandWith, useIsHandled } from '../../workbench/commands.ts';

import { CardFrame } from './card-frame.tsx';
import { CheckProof } from './check-proof.tsx';
import { CopyButton } from './copy-button.tsx';
import { EvidenceTable } from './evidence-table.tsx';
import { messageRuns } from './finding-text.ts';
import styles from './health-card.module.css';
import tones from './tones.module.css';

export interface FindingCardProps {
  readonly check: HealthCheckResult;
  readonly finding: HealthFinding;
  readonly connectionId: string;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** A finding: the fact with its number; behind it the evidence, why it matters, and the way to fix it. */
export function FindingCard({ check, finding, connectionId, open, onToggle }: FindingCardProps) {
  return (
    <CardFrame
      tone={finding.severity}
      title={<Message finding={finding} />}
      subtitle={
        <>
          {check.title} · <span className={tones['checkId']}>{check.id}</span>
        </>
      }
      badge={
        finding.confidence === undefined || finding.confidence === 'high' ? undefined : (
          <Badge>{finding.confidence} confidence</Badge>
        )
      }
      open={open}
      onToggle={onToggle}
    >
      <div className={styles['columns']}>
        <div className={styles['column']}>
          {finding.evidence.length > 0 && (
            <section>
              <h3 className={styles['label']}>Evidence</h3>
              <EvidenceTable evidence={evidenceOf(finding)} />
            </section>
          )}
          <section>
            <h3 className={styles['label']}>Why it matters</h3>
            <p className={styles['prose']}>{check.why}</p>
          </section>
          {finding.confidence !== undefined && finding.confidenceReason !== undefined && (
            <section>
              <h3 className={styles['label']}>Confidence</h3>
              <p className={styles['prose']}>
                <strong>{sentenceCase(finding.confidence)}.</strong> {finding.confidenceReason}
              </p>
            </section>
          )}
        </div>
        <FixColumn check={check} finding={finding} connectionId={connectionId} />
      </div>
      <CheckProof check={check} connectionId={connectionId} />
    </CardFrame>
  );
}

function Message({ finding }: { readonly finding: HealthFinding }) {
  return messageRuns(finding).map((run, place) => (run.name ? <code key={place}>{run.text}</code> : run.text));
}

function FixColumn({
  check,
  finding,
  connectionId,
}: {
  readonly check: HealthCheckResult;
  readonly finding: HealthFinding;
  readonly connectionId: string;
}) {
  const [undoShown, setUndoShown] = useState(false);
  const { fixSql, undoSql } = finding;
  return (
    <div className={styles['column']}>
      <section className={styles['fix']}>
        <h3 className={styles['label']}>Fix</h3>
        {fixSql === undefined ? (
          <p className={styles['prose']}>No statement alone can fix this.</p>
        ) : (
          <SqlBlock sql={fixSql} label="Fix" connectionId={connectionId} maxHeight={260} />
        )}
        {finding.lock !== undefined && <LockLine lock={finding.lock} />}
        {finding.caution !== undefined && (
          <p className={styles['fact']}>
            <TriangleAlert size={14} className={tones['warning']} role="img" aria-label="Caution" />
            <span>{finding.caution}</span>
          </p>
        )}
        <div className={styles['buttons']}>
          {fixSql !== undefined && (
            <>
              <Button
                look="primary"
                icon={SquareTerminal}
                onClick={() =>
                  void runCommandWith('query.open', { sql: fixSql, title: `Fix ${check.id}`, connectionId })
                }
              >
                Open as query
              </Button>
              <CopyButton text={fixSql}>Copy</CopyButton>
            </>
          )}
          {undoSql !== undefined && (
            <Button aria-expanded={undoShown} onClick={() => setUndoShown(!undoShown)}>
              {undoShown ? 'Hide undo' : 'Undo…'}
            </Button>
          )}
          <RelationButton finding={finding} connectionId={connectionId} />
        </div>
      </section>
      {undoShown && undoSql !== undefined && (
        <section>
          <h3 className={styles['label']}>Undo</h3>
          <SqlBlock sql={undoSql} label="Undo" connectionId={connectionId} maxHeight={200} />
        </section>
      )}
    </div>
  );
}

function LockLine({ lock }: { readonly lock: string }) {
  const gentle = /no table lock|reads and writes go on/i.test(lock);
  const Icon = gentle ? LockOpen : Lock;
  return (
    <p className={styles['fact']}>
      <Icon size={14} className={gentle ? undefined : tones['warning']} role="img" aria-label="Lock" />
      <span>{lock}</span>
    </p>
  );
}

function RelationButton({ finding, connectionId }: { readonly finding: HealthFinding; readonly connectionId: string }) {
  const canOpen = useIsHandled('schema.openRelation');
  const { relationOid } = finding;
  if (relationOid === undefined || !canOpen) return null;
  return (
    <Button
      icon={Table2}
      onClick={() => void runCommandWith('schema.openRelation', { connectionId, oid: relationOid })}
    >
      Show object
    </Button>
  );
}

/** The evidence, with the confidence among it where there is no more to say about that. */
function evidenceOf({ evidence, confidence, confidenceReason }: HealthFinding): HealthFinding['evidence'] {
  return confidence === undefined || confidenceReason !== undefined
    ? evidence
    : [...evidence, { label: 'Confidence', value: confidence }];
}

function sentenceCase(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
