import { RotateCw, Rows3, Square } from 'lucide-react';

import type { RelationDetail } from '#contract/schema.ts';

import { ResultGrid } from '../../../grid/result-grid.tsx';
import { countOf } from '../../../lib/format-count.ts';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { FailureView } from '../../../ui/failure-view.tsx';
import { ProgressBar } from '../../../ui/progress-bar.tsx';
import { Duration } from '../../../ui/quantity.tsx';
import { qualifiedName, selectRowsSql } from '../relation-names.ts';

import styles from './relation.module.css';
import { cancelRows, readRows, useRows } from './rows-store.ts';

const shownAtMost = 200;

interface RowsViewProps {
  readonly tabId: string;
  readonly connectionId: string;
  readonly relation: RelationDetail;
}

/** The first rows, as they lie on disk, read when asked for. */
export function RowsView({ tabId, connectionId, relation }: RowsViewProps) {
  const state = useRows(({ rows }) => rows[tabId]);
  const read = () => void readRows(tabId, connectionId, selectRowsSql(relation, shownAtMost), shownAtMost);
  if (state === undefined) {
    return (
      <EmptyState
        icon={Rows3}
        title="Rows are read when you ask"
        actions={
          <Button look="primary" onClick={read}>
            Read the first {shownAtMost} rows
          </Button>
        }
      >
        Runs <code>{`select * from ${qualifiedName(relation)} limit ${shownAtMost}`}</code> on the server.
      </EmptyState>
    );
  }
  if (state.kind === 'reading') {
    return (
      <div className={styles['reading']} role="status">
        <span className={styles['readingBar']}>
          <ProgressBar label="Reading rows" fraction={null} />
        </span>
        Reading rows…
        <Button size="small" icon={Square} onClick={() => cancelRows(tabId)}>
          Cancel
        </Button>
      </div>
    );
  }
  if (state.kind === 'failed') {
    return (
      <div className={styles['failure']}>
        <FailureView
          failure={state.failure}
          actions={
            <Button size="small" icon={RotateCw} onClick={read}>
              Read again
            </Button>
          }
        />
      </div>
    );
  }
  const { rows } = state;
  return (
    <div className={styles['rows']}>
      <div className={styles['rowsBar']}>
        <span role="status">
          {state.more ? `The first ${countOf(rows.length, 'row')}` : countOf(rows.length, 'row')}, no particular order
        </span>
        <Duration ms={state.durationMs} />
        <span className={styles['space']} />
        <Button size="small" icon={RotateCw} onClick={read}>
          Read again
        </Button>
      </div>
      <div className={styles['grid']}>
        <ResultGrid
          label={`Rows of ${relation.name}`}
          sourceKey={state.id}
          columns={state.columns}
          rowCount={rows.length}
          fetchPage={async (offset, limit) => rows.slice(offset, offset + limit)}
        />
      </div>
    </div>
  );
}
