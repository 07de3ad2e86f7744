import { useEffect, useMemo, useRef, useState } from 'react';

import { loadMonaco } from '../../editor/load-monaco.ts';
import { SqlEditor } from '../../editor/sql-editor.tsx';
import type { SqlEditorHandle, SqlMarker } from '../../editor/sql-editor.tsx';
import { wordEnd } from '../../editor/statement-at.ts';
import { isMac, shortcutLabel } from '../../lib/keyboard-shortcut.ts';
import { SplitPane } from '../../ui/split-pane.tsx';
import { readUiMemory, writeUiMemory } from '../../workbench/ui-memory.ts';
import type { TabViewProps } from '../../workbench/tab-kinds.ts';

import { setQueryActions } from './query-actions.ts';
import { QueryToolbar } from './query-toolbar.tsx';
import { knownText, rememberText, textOf } from './query-tabs.ts';
import styles from './query.module.css';
import { ResultsPane } from './results-pane.tsx';
import { failedStatement } from './run-state.ts';
import type { RunState } from './run-state.ts';
import { useRuns } from './run-store.ts';
import { registerSqlCompletion } from './sql-completion.ts';
import { makeQueryActions } from './tab-query-actions.ts';
import { useSyntaxMarker } from './use-syntax-marker.ts';

const heightKey = 'query.results-height';
const placeholder = `Write SQL. ${shortcutLabel('Mod+Enter', isMac)} runs the statement at the cursor.`;

/** A query tab: editor above, results below. What was open before a restart is shown and not run. */
export function QueryTabView({ tab }: TabViewProps) {
  const run = useRuns((state) => state.runs[tab.id]) ?? null;
  const [typed, setTyped] = useState<{ readonly tabId: string; readonly text: string } | null>(null);
  // The state may still be that of the tab that was on screen before.
  const text = typed?.tabId === tab.id ? typed.text : knownText(tab.id);
  const [height, setHeight] = useResultsHeight();
  const handle = useRef<SqlEditorHandle | null>(null);

  useEffect(() => {
    let current = true;
    void textOf(tab.id).then((found) => {
      if (current) setTyped({ tabId: tab.id, text: found });
    });
    return () => {
      current = false;
    };
  }, [tab.id]);

  useEffect(() => {
    setQueryActions(makeQueryActions(tab, () => handle.current));
    return () => setQueryActions(null);
  }, [tab]);

  useEffect(() => {
    let dispose: (() => void) | null = null;
    let gone = false;
    void loadMonaco().then((monaco) => {
      if (!gone) dispose = registerSqlCompletion(monaco);
    });
    return () => {
      gone = true;
      dispose?.();
    };
  }, []);

  const syntaxMarker = useSyntaxMarker(tab.id, text ?? '');
  const runMarker = useMemo(() => (run === null || text === null ? null : markerOf(run, text)), [run, text]);
  const markers = useMemo(() => {
    const marker = runMarker ?? syntaxMarker;
    return marker === null ? [] : [marker];
  }, [runMarker, syntaxMarker]);

  return (
    <div className={styles['tab']}>
      <QueryToolbar tab={tab} running={run?.phase === 'running'} />
      <div className={styles['split']}>
        <SplitPane
          direction="vertical"
          fixed="second"
          size={height}
          onSizeChange={setHeight}
          min={96}
          minRest={100}
          label="Height of the results"
          first={
            <div className={styles['editor']}>
              {text !== null && (
                <SqlEditor
                  label={`SQL of ${tab.title}`}
                  modelKey={tab.id}
                  initialText={text}
                  markers={markers}
                  placeholder={placeholder}
                  onHandle={(next) => {
                    handle.current = next;
                  }}
                  onTextChange={(next) => {
                    rememberText(tab.id, next);
                    setTyped({ tabId: tab.id, text: next });
                  }}
                />
              )}
            </div>
          }
          second={<ResultsPane run={run} onShowPosition={(start, end) => handle.current?.select(start, end)} />}
        />
      </div>
    </div>
  );
}

/** Where the server says that the failed statement is wrong, for as long as the text still holds what was sent. */
function markerOf(run: RunState, text: string): SqlMarker | null {
  const failed = failedStatement(run);
  if (failed === null || failed.failure === null || failed.offset === null) return null;
  if (!text.startsWith(run.sql, run.baseOffset)) return null;
  const start = run.baseOffset + failed.offset;
  return {
    start,
    end: run.baseOffset + wordEnd(run.sql, failed.offset),
    message: failed.failure.message,
    severity: 'error',
  };
}

function useResultsHeight(): readonly [number, (height: number) => void] {
  const [height, setHeight] = useState(320);
  useEffect(() => {
    void readUiMemory(heightKey).then((known) => {
      if (typeof known === 'number') setHeight(known);
    });
  }, []);
  return [
    height,
    (next) => {
      setHeight(next);
      writeUiMemory(heightKey, Math.round(next));
    },
  ];
}
