import { useEffect, useState } from 'react';

import { useLatest } from '../lib/use-latest.ts';

import type { CodeEditor, EditorOptions, Monaco, MonacoApi } from './load-monaco.ts';
import { MonacoView } from './monaco-view.tsx';
import { planLanguageId, registerPlanLanguage, setPlanTextFacts } from './plan-language.ts';
import type { PlanTextFacts } from './plan-language.ts';
import { showPlanLenses } from './plan-lenses.ts';
import type { PlanLens } from './plan-lenses.ts';
import styles from './plan-text-view.module.css';

/** What is drawn into the text of a plan. Keep the same object for the same plan. */
export interface PlanTextMarks extends PlanTextFacts {
  /** One for each node, by its first line, in the order of the lines. */
  readonly lenses: readonly PlanLens[];
}

export interface PlanTextViewProps {
  readonly label: string;
  readonly text: string;
  readonly marks: PlanTextMarks;
  /** The lines of the chosen node. `reveal` scrolls to them and puts the cursor there. */
  readonly selected: { readonly start: number; readonly end: number; readonly reveal: boolean } | null;
  /** The user put the cursor on a line. */
  readonly onLineChosen: (line: number) => void;
}

const options: EditorOptions = {
  folding: true,
  foldingStrategy: 'auto',
  showFoldingControls: 'mouseover',
  foldingMaximumRegions: 60_000,
  lineDecorationsWidth: 12,
  renderLineHighlight: 'none',
  scrollBeyondLastColumn: 26,
  wordWrap: 'off',
  hover: { delay: 350, sticky: true, above: false },
  guides: { indentation: false },
  matchBrackets: 'never',
  maxTokenizationLineLength: 50_000,
  stopRenderingLineAfter: 50_000,
  selectionHighlight: false,
};

/** The text of a plan, to read: coloured, folded by node, with heat in the gutter and times at the right edge. */
export function PlanTextView({ label, text, marks, selected, onLineChosen }: PlanTextViewProps) {
  const [ready, setReady] = useState<{ readonly editor: CodeEditor; readonly monaco: MonacoApi } | null>(null);
  const latest = useLatest({ onLineChosen });

  useEffect(() => {
    const model = ready?.editor.getModel() ?? null;
    if (ready === null || model === null) return;
    const { editor, monaco } = ready;
    setPlanTextFacts(model, marks);
    // Folding asks its provider when the language of a model is set.
    monaco.editor.setModelLanguage(model, 'plaintext');
    monaco.editor.setModelLanguage(model, planLanguageId);
    const heat = editor.createDecorationsCollection(marks.lenses.flatMap(heatDecorations));
    const hideLenses = showPlanLenses(editor, marks.lenses);
    return () => {
      heat.clear();
      hideLenses();
    };
  }, [ready, marks, text]);

  useEffect(() => {
    if (ready === null || selected === null) return;
    const { editor } = ready;
    const chosen = editor.createDecorationsCollection([
      {
        range: lineRange(selected.start, selected.end),
        options: { isWholeLine: true, className: styles['own'] ?? '', zIndex: 1 },
      },
      {
        range: lineRange(selected.start, selected.start),
        options: { isWholeLine: true, className: styles['selected'] ?? '', zIndex: 2 },
      },
    ]);
    if (selected.reveal) {
      editor.setPosition({ lineNumber: selected.start, column: 1 }, 'plan');
      editor.revealLineInCenterIfOutsideViewport(selected.start);
    }
    return () => chosen.clear();
  }, [ready, selected, marks]);

  return (
    <MonacoView
      label={label}
      language="plaintext"
      text={text}
      options={options}
      className={styles['plan']}
      onReady={(editor, monaco) => {
        registerPlanLanguage(monaco);
        const cursor = editor.onDidChangeCursorPosition((event) => {
          if (event.source === 'mouse' || event.source === 'keyboard')
            latest.current.onLineChosen(event.position.lineNumber);
        });
        setReady({ editor, monaco });
        return () => {
          cursor.dispose();
          setReady(null);
        };
      }}
    />
  );
}

function heatDecorations({ line, heat, dimmed, endLine }: PlanLens): Monaco.editor.IModelDeltaDecoration[] {
  const decorations: Monaco.editor.IModelDeltaDecoration[] = [];
  if (heat > 0) {
    decorations.push({
      range: lineRange(line, line),
      options: {
        linesDecorationsClassName: `${styles['heat']} ${styles[`heat${heat}`]}`,
        ...(heat >= 4 ? { isWholeLine: true, className: styles['hot'] ?? '' } : {}),
      },
    });
  }
  if (dimmed)
    decorations.push({
      range: lineRange(line, endLine),
      options: { isWholeLine: true, inlineClassName: styles['dimmed'] ?? '' },
    });
  return decorations;
}

function lineRange(start: number, end: number): Monaco.IRange {
  return { startLineNumber: start, startColumn: 1, endLineNumber: end, endColumn: Number.MAX_SAFE_INTEGER };
}
