import type { CodeEditor } from './load-monaco.ts';
import styles from './plan-text-view.module.css';

/** What stands at the right edge of a node's first line. Lines are 1-based. */
export interface PlanLens {
  readonly line: number;
  readonly endLine: number;
  /** `512 ms · 83 %` */
  readonly text: string;
  /** How far the rows were off, where that matters: `640× more rows`. */
  readonly warning: string | null;
  readonly heat: 0 | 1 | 2 | 3 | 4 | 5;
  /** For nodes that were never executed. */
  readonly dimmed: boolean;
}

/**
 * Draws the lenses over the right edge of an editor, where they stay while the text scrolls sideways. Only the lines in
 * sight are drawn. Screen readers find the same numbers in the tree.
 */
export function showPlanLenses(editor: CodeEditor, lenses: readonly PlanLens[]): () => void {
  const byLine = new Map(lenses.map((lens) => [lens.line, lens]));
  const layer = document.createElement('div');
  layer.className = styles['lenses'] ?? '';
  layer.setAttribute('aria-hidden', 'true');
  editor.getDomNode()?.append(layer);
  let frame = 0;

  function draw(): void {
    frame = 0;
    layer.style.height = `${editor.getLayoutInfo().height}px`;
    const scrollTop = editor.getScrollTop();
    const rows: HTMLElement[] = [];
    const lineCount = editor.getModel()?.getLineCount() ?? 0;
    const drawn = new Set<number>();
    for (const range of editor.getVisibleRanges()) {
      // The lines before and after are in sight by a part.
      for (
        let line = Math.max(1, range.startLineNumber - 1);
        line <= Math.min(lineCount, range.endLineNumber + 1);
        line += 1
      ) {
        const lens = byLine.get(line);
        if (lens === undefined || lens.text === '' || drawn.has(line) || isFolded(editor, line)) continue;
        drawn.add(line);
        rows.push(rowOf(lens, editor.getTopForLineNumber(line) - scrollTop));
      }
    }
    layer.replaceChildren(...rows);
  }

  function plan(): void {
    if (frame === 0) frame = requestAnimationFrame(draw);
  }

  const listening = [
    // At once while scrolling: a frame later the numbers would lag behind their lines.
    editor.onDidScrollChange(draw),
    editor.onDidLayoutChange(plan),
    editor.onDidContentSizeChange(plan),
    editor.onDidChangeHiddenAreas(plan),
    editor.onDidChangeModelContent(plan),
  ];
  plan();
  return () => {
    if (frame !== 0) cancelAnimationFrame(frame);
    for (const each of listening) each.dispose();
    layer.remove();
  };
}

/** A folded line has the place of the line above it. */
function isFolded(editor: CodeEditor, line: number): boolean {
  return line > 1 && editor.getTopForLineNumber(line) === editor.getTopForLineNumber(line - 1);
}

function rowOf({ text, warning, heat, dimmed }: PlanLens, top: number): HTMLElement {
  const row = document.createElement('div');
  row.className = [styles['lens'], heat >= 4 ? styles['lensHot'] : '', dimmed ? styles['lensDimmed'] : ''].join(' ');
  row.style.top = `${top}px`;
  if (warning !== null) {
    const words = document.createElement('span');
    words.className = styles['warning'] ?? '';
    words.textContent = warning;
    row.append(words);
  }
  row.append(text);
  return row;
}
