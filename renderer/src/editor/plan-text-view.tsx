import { useEffect, useState } from 'react';

import { useLatest } from '../lib/use-latest.ts';

import type { CodeEditor, EditorOptions, Monaco, MonacoApi } from './load-monaco.ts';
import { MonacoView } from './monaco-view.tsx';
import { planLanguageId, registerPlanLanguage, setPlanTextFacts } from './plan-language.ts';
import type { PlanTextFacts } from './plan-language.ts';
import { showPlanLenses, whileVisible } from './plan-lenses.ts';
import type { LensAt } from './plan-lenses.ts';
import styles from './plan-text-view.module.css';

/** What is drawn into the text of a plan, asked for by line as lines come into sight. Keep the same object for the same plan. */
export interface PlanTextMarks extends PlanTextFacts {
  readonly lensAt: LensAt;
  /** Lines of nodes that were never executed. */
  readonly isDimmed: (line: number) => boolean;
  /** First lines of what is folded at the beginning. */
  readonly foldedAtFirst: readonly number[];
  /** Where names that lead to an object stand on a line, in 0-based columns. */
  readonly namesAt: (line: number, text: string) => readonly { readonly start: number; readonly end: number }[];
}

export interface PlanTextViewProps {
  readonly label: string;
  readonly text: string;
  readonly marks: PlanTextMarks;
  /** The lines of the chosen node. `reveal` scrolls to them and puts the cursor there. */
  readonly selected: { readonly start: number; readonly end: number; readonly reveal: boolean } | null;
  /** The user put the cursor on a line. */
  readonly onLineChosen: (line: number) => void;
  /** The user asked for the relation that is named on a line, by Ctrl+click or F12; null where it cannot be shown. */
  readonly onNameOpened: ((line: number) => void) | null;
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
  lineNumbersMinChars: 4,
  maxTokenizationLineLength: 50_000,
  stopRenderingLineAfter: 50_000,
  selectionHighlight: false,
};

/** The text of a plan, to read: coloured, folded by node, with heat in the gutter and times at the right edge. */
export function PlanTextView({ label, text, marks, selected, onLineChosen, onNameOpened }: PlanTextViewProps) {
  const [ready, setReady] = useState<{ readonly editor: CodeEditor; readonly monaco: MonacoApi } | null>(null);
  const latest = useLatest({ onLineChosen, onNameOpened, marks });
  const opensNames = onNameOpened !== null;

  useEffect(() => {
    const model = ready?.editor.getModel() ?? null;
    if (ready === null || model === null) return;
    const { editor, monaco } = ready;
    setPlanTextFacts(model, marks);
    // Folding asks its provider when the language of a model is set.
    monaco.editor.setModelLanguage(model, 'plaintext');
    monaco.editor.setModelLanguage(model, planLanguageId);
    const stopFolding = foldAtFirst(editor, marks.foldedAtFirst);
    const drawn = editor.createDecorationsCollection();
    const hideDecorations = whileVisible(editor, (lines) => {
      drawn.set(lines.flatMap((line) => lineDecorations(marks, line, model.getLineContent(line), opensNames)));
      return () => drawn.clear();
    });
    const hideLenses = showPlanLenses(editor, marks.lensAt);
    return () => {
      stopFolding();
      hideDecorations();
      hideLenses();
    };
  }, [ready, marks, text, opensNames]);

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
      revealIndented(ready, selected.start);
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
        // The model reads brackets on its own account, whatever the editor's options say: longer than drawing them takes.
        editor.getModel()?.updateOptions({
          bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false },
        });
        const cursor = editor.onDidChangeCursorPosition((event) => {
          if (event.source === 'mouse' || event.source === 'keyboard')
            latest.current.onLineChosen(event.position.lineNumber);
        });
        const click = editor.onMouseDown(({ target, event }) => {
          if (!(event.ctrlKey || event.metaKey) || target.position === null) return;
          const { lineNumber, column } = target.position;
          const names = latest.current.marks.namesAt(lineNumber, editor.getModel()?.getLineContent(lineNumber) ?? '');
          if (names.some(({ start, end }) => column - 1 >= start && column - 1 <= end))
            latest.current.onNameOpened?.(lineNumber);
        });
        const keys = editor.onKeyDown((event) => {
          const line = editor.getPosition()?.lineNumber;
          if (event.keyCode !== monaco.KeyCode.F12 || line === undefined) return;
          event.preventDefault();
          latest.current.onNameOpened?.(line);
        });
        setReady({ editor, monaco });
        return () => {
          cursor.dispose();
          click.dispose();
          keys.dispose();
          setReady(null);
        };
      }}
    />
  );
}

/** Scrolls sideways to where a line begins, if that is out of sight: deep nodes are indented by more than a screen. */
function revealIndented({ editor, monaco }: { editor: CodeEditor; monaco: MonacoApi }, line: number): void {
  const column = editor.getModel()?.getLineFirstNonWhitespaceColumn(line) ?? 1;
  const { typicalHalfwidthCharacterWidth } = editor.getOption(monaco.editor.EditorOption.fontInfo);
  const left = (column - 1) * typicalHalfwidthCharacterWidth;
  const seen = editor.getScrollLeft();
  if (left < seen || left > seen + editor.getLayoutInfo().contentWidth * 0.55)
    editor.setScrollLeft(Math.max(0, left - 120));
}

/** What is used of Monaco's folding, which has no public way to fold a line. */
interface FoldingContribution {
  getFoldingModel(): Promise<FoldingModel | null> | null;
}
interface FoldingModel {
  getRegionAtLine(line: number): { readonly startLineNumber: number; readonly isCollapsed: boolean } | null;
  toggleCollapseState(regions: readonly object[]): void;
}

/** Folds lines once the folds are known: Monaco asks for them a moment after it was given the text. */
function foldAtFirst(editor: CodeEditor, lines: readonly number[]): () => void {
  let stopped = lines.length === 0;
  let tries = 0;
  const attempt = async (): Promise<void> => {
    const folding = editor.getContribution('editor.contrib.folding') as unknown as FoldingContribution | null;
    const model = (await folding?.getFoldingModel()) ?? null;
    if (stopped) return;
    const regions = lines.flatMap((line) => {
      const region = model?.getRegionAtLine(line) ?? null;
      return region?.startLineNumber === line && !region.isCollapsed ? [region] : [];
    });
    if (regions.length > 0) model?.toggleCollapseState(regions);
    else if ((tries += 1) < 40) window.setTimeout(() => void attempt(), 100);
  };
  if (!stopped) void attempt();
  return () => (stopped = true);
}

function lineDecorations(
  marks: PlanTextMarks,
  line: number,
  text: string,
  opensNames: boolean,
): Monaco.editor.IModelDeltaDecoration[] {
  const decorations: Monaco.editor.IModelDeltaDecoration[] = [];
  const heat = marks.lensAt(line)?.heat ?? 0;
  if (heat > 0) {
    decorations.push({
      range: lineRange(line, line),
      options: {
        linesDecorationsClassName: `${styles['heat']} ${styles[`heat${heat}`]}`,
        ...(heat >= 4 ? { isWholeLine: true, className: styles['hot'] ?? '' } : {}),
      },
    });
  }
  if (marks.isDimmed(line))
    decorations.push({ range: lineRange(line, line), options: { inlineClassName: styles['dimmed'] ?? '' } });
  for (const { start, end } of opensNames ? marks.namesAt(line, text) : [])
    decorations.push({
      range: { startLineNumber: line, startColumn: start + 1, endLineNumber: line, endColumn: end + 1 },
      options: { inlineClassName: styles['name'] ?? '' },
    });
  return decorations;
}

function lineRange(start: number, end: number): Monaco.IRange {
  return { startLineNumber: start, startColumn: 1, endLineNumber: end, endColumn: Number.MAX_SAFE_INTEGER };
}
