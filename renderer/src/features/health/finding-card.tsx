import { BellOff, Check, Lock, LockOpen, SquareTerminal, Table2, TriangleAlert, Wrench } from 'lucide-react';
import { useState } from 'react';

import type { HealthCheckResult, HealthFinding } from '#contract/health-model.ts';
import type { AppliedFix, HealthTrend } from '#contract/health.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { formatCount } from '../../lib/format-count.ts';
import { formatAbsolute } from '../../lib/relative-time.ts';
import { client } from '../../rpc/client.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { showFailureToast } from '../../ui/toast.tsx';
import { runCommandWith, useIsHandled } from '../../workbench/commands.ts';

import { CardFrame } from './card-frame.tsx';
import { CheckProof } from './check-proof.tsx';
import { CopyButton } from './copy-button.tsx';
import { EvidenceTable } from './evidence-table.tsx';
import { messageRuns } from './finding-text.ts';
import { FixDialog } from './fix-dialog.tsx';
import styles from './health-card.module.css';
import { refreshReports } from './health-store.ts';
import { markWords } from './health-words.ts';
import type { CardTone } from './health-words.ts';
import { SuppressDialog } from './suppress-dialog.tsx';
import tones from './tones.module.css';
import { TrendLine } from './trend-line.tsx';
import { UndoFixButton } from './undo-fix-button.tsx';

export interface FindingCardProps {
  readonly tone: CardTone;
  readonly check: HealthCheckResult;
  readonly finding: HealthFinding;
  /** How its number moved over the last reports. */
  readonly points: HealthTrend['points'];
  /** The fix of it that was applied since the report. */
  readonly fix: AppliedFix | null;
  /** False for a report of before: what it proposed then is not applied now. */
  readonly isNewest: boolean;
  readonly connectionId: string;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** A finding: the fact with its number; behind it the evidence, why it matters, and the way to fix it. */
export function FindingCard(props: FindingCardProps) {
  const { tone, check, finding, points, fix, connectionId, open, onToggle } = props;
  return (
    <CardFrame
      tone={tone}
      title={<Message finding={finding} />}
      subtitle={
        <>
          {check.title} · <span className={tones['checkId']}>{check.id}</span>
        </>
      }
      badge={
        <span className={styles['badges']}>
          {fix !== null && (
            <Badge tone="good" icon={Check}>
              Fixed
            </Badge>
          )}
          {finding.confidence !== undefined && finding.confidence !== 'high' && (
            <Badge>{finding.confidence} confidence</Badge>
          )}
          <TrendLine points={points} tone={tone} />
        </span>
      }
      open={open}
      onToggle={onToggle}
    >
      <div className={styles['columns']}>
        <div className={styles['column']}>
          {evidenceOf(finding).length > 0 && (
            <section>
              <h3 className={styles['label']}>Evidence</h3>
              <EvidenceTable evidence={evidenceOf(finding)} />
            </section>
          )}
          <section>
            <h3 className={styles['label']}>Why it matters</h3>
            <p className={styles['prose']}>{check.why}</p>
          </section>
          {finding.suppressed !== undefined && <SuppressedSection finding={finding} connectionId={connectionId} />}
          {(finding.blastRadius !== undefined || (finding.marks?.length ?? 0) > 0) && (
            <section>
              <h3 className={styles['label']}>What a change reaches</h3>
              <p className={styles['prose']}>
                {finding.blastRadius}
                {finding.marks !== undefined && (
                  <span className={styles['marks']}>
                    {finding.marks.map((mark) => (
                      <Badge key={mark}>{markWords[mark]}</Badge>
                    ))}
                  </span>
                )}
              </p>
            </section>
          )}
          {finding.confidence !== undefined && finding.confidenceReason !== undefined && (
            <section>
              <h3 className={styles['label']}>Confidence</h3>
              <p className={styles['prose']}>
                <strong>{sentenceCase(finding.confidence)}.</strong> {finding.confidenceReason}
              </p>
            </section>
          )}
        </div>
        <FixColumn {...props} />
      </div>
      <CheckProof check={check} connectionId={connectionId} />
    </CardFrame>
  );
}

function Message({ finding }: { readonly finding: HealthFinding }) {
  return messageRuns(finding).map((run, place) => (run.name ? <code key={place}>{run.text}</code> : run.text));
}

function SuppressedSection({ finding, connectionId }: Pick<FindingCardProps, 'finding' | 'connectionId'>) {
  const { suppressed } = finding;
  if (suppressed === undefined) return null;
  async function takeBack(): Promise<void> {
    try {
      await client.health.unsuppress({ id: suppressed?.id ?? '' });
      await refreshReports(connectionId);
    } catch (error) {
      showFailureToast(error);
    }
  }
  return (
    <section>
      <h3 className={styles['label']}>Suppressed</h3>
      <p className={styles['prose']}>
        {suppressed.reason}{' '}
        <span className={tones['dim']}>
          {suppressed.until === null ? 'For good.' : `Until ${formatAbsolute(suppressed.until).slice(0, 10)}.`}
        </span>
      </p>
      <div className={styles['buttons']}>
        <Button size="small" onClick={() => void takeBack()}>
          Report it again
        </Button>
      </div>
    </section>
  );
}

function FixColumn({ check, finding, fix, isNewest, connectionId }: FindingCardProps) {
  const [undoShown, setUndoShown] = useState(false);
  const [dialog, setDialog] = useState<'fix' | 'suppress' | null>(null);
  const { fixSql, undoSql } = finding;
  const close = () => setDialog(null);
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
        {fix !== null && (
          <p className={styles['fact']}>
            <Check size={14} className={tones['ok']} role="img" aria-label="Fixed" />
            <span>
              Applied <RelativeTime at={fix.appliedAt} />. {fix.outcome}
            </span>
          </p>
        )}
        <div className={styles['buttons']}>
          {fixSql !== undefined && (
            <>
              {isNewest && fix === null && (
                <Button look="primary" icon={Wrench} onClick={() => setDialog('fix')}>
                  Apply…
                </Button>
              )}
              <CopyButton text={fixSql}>Copy</CopyButton>
              <Button
                icon={SquareTerminal}
                onClick={() =>
                  void runCommandWith('query.open', { sql: fixSql, title: `Fix ${check.id}`, connectionId })
                }
              >
                Open as query
              </Button>
            </>
          )}
          {undoSql !== undefined && fix === null && (
            <Button aria-expanded={undoShown} onClick={() => setUndoShown(!undoShown)}>
              {undoShown ? 'Hide undo' : 'Undo…'}
            </Button>
          )}
          {fix !== null && <UndoFixButton fix={fix} connectionId={connectionId} />}
          <RelationButtons finding={finding} connectionId={connectionId} />
          {finding.suppressed === undefined && (
            <Button icon={BellOff} onClick={() => setDialog('suppress')}>
              Suppress…
            </Button>
          )}
        </div>
      </section>
      {undoShown && undoSql !== undefined && (
        <section>
          <h3 className={styles['label']}>Undo</h3>
          <SqlBlock sql={undoSql} label="Undo" connectionId={connectionId} maxHeight={200} />
        </section>
      )}
      {dialog === 'fix' && fixSql !== undefined && (
        <FixDialog check={check} finding={{ ...finding, fixSql }} connectionId={connectionId} onClose={close} />
      )}
      {dialog === 'suppress' && (
        <SuppressDialog check={check} finding={finding} connectionId={connectionId} onClose={close} />
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

/** Opens what the finding is about, and what it is about as well. */
function RelationButtons({
  finding,
  connectionId,
}: {
  readonly finding: HealthFinding;
  readonly connectionId: string;
}) {
  const canOpen = useIsHandled('schema.openRelation');
  if (!canOpen) return null;
  const { relationOid, object, related = [] } = finding;
  const shown = [...(relationOid === undefined ? [] : [{ oid: relationOid, name: object }]), ...related.slice(0, 4)];
  return shown.map(({ oid, name }, place) => (
    <Button key={oid} icon={Table2} onClick={() => void runCommandWith('schema.openRelation', { connectionId, oid })}>
      {place === 0 && relationOid !== undefined ? 'Show object' : `Show ${name}`}
    </Button>
  ));
}

/** The evidence, with what is suppressed of its members, and the confidence where there is no more to say about that. */
function evidenceOf(finding: HealthFinding): HealthFinding['evidence'] {
  const { evidence, members = [], suppressedMembers, confidence, confidenceReason } = finding;
  return [
    ...evidence,
    ...(suppressedMembers === undefined
      ? []
      : [
          {
            label: `Suppressed, ${formatCount(suppressedMembers.length)} of ${formatCount(members.length)}`,
            value: suppressedMembers.join(', '),
          },
        ]),
    ...(confidence === undefined || confidenceReason !== undefined ? [] : [{ label: 'Confidence', value: confidence }]),
  ];
}

function sentenceCase(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
