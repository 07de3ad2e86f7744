import type { CodeEditor } from './load-monaco.ts';
import styles from './plan-text-view.module.css';

/** What stands at the right edge of a node's first line. Lines are 1-based. */
export interface PlanLens {
  readonly line: number;
  readonly endLine: number;
  /** `512 ms · 83 %` */
  readonly text: string;
  /** Instead of `text` while the lines below are folded: `10 000 alike · 812 ms`. */
  readonly foldedText: string | null;
  /** How far the rows were off, where that matters: `640× more rows`. */
  readonly warning: string | null;
  readonly heat: 0 | 1 | 2 | 3 | 4 | 5;
  /** For nodes that were never executed. */
  readonly dimmed: boolean;
}

/** The lens of the node that begins on a line; null for other lines. */
export type LensAt = (line: number) => PlanLens | null;

/**
 * Draws the lenses over the right edge of an editor, where they stay while the text scrolls sideways. Only the lines in
 * sight are asked for and drawn. Screen readers find the same numbers in the tree.
 */
export function showPlanLenses(editor: CodeEditor, lensAt: LensAt): () => void {
  const layer = document.createElement('div');
  layer.className = styles['lenses'] ?? '';
  layer.setAttribute('aria-hidden', 'true');
  editor.getDomNode()?.append(layer);

  return whileVisible(editor, (lines) => {
    layer.style.height = `${editor.getLayoutInfo().height}px`;
    const scrollTop = editor.getScrollTop();
    const rows: HTMLElement[] = [];
    for (const line of lines) {
      const lens = lensAt(line);
      const folded = lens?.foldedText !== null && isFolded(editor, line + 1);
      if (lens === null || (lens.text === '' && !folded) || isFolded(editor, line)) continue;
      rows.push(rowOf(lens, folded, editor.getTopForLineNumber(line) - scrollTop));
    }
    layer.replaceChildren(...rows);
    return () => layer.remove();
  });
}

/**
 * Calls `draw` with the lines in sight, now and whenever others come into sight. The function that it answered last is
 * called at the end.
 */
export function whileVisible(editor: CodeEditor, draw: (lines: readonly number[]) => () => void): () => void {
  let frame = 0;
  let end: () => void = () => {};

  function now(): void {
    frame = 0;
    const lineCount = editor.getModel()?.getLineCount() ?? 0;
    const lines = new Set<number>();
    for (const range of editor.getVisibleRanges()) {
      // The lines before and after are in sight by a part.
      const last = Math.min(lineCount, range.endLineNumber + 1);
      for (let line = Math.max(1, range.startLineNumber - 1); line <= last; line += 1) lines.add(line);
    }
    end = draw([...lines]);
  }

  function soon(): void {
    if (frame === 0) frame = requestAnimationFrame(now);
  }

  const listening = [
    // At once while scrolling: a frame later the numbers would lag behind their lines.
    editor.onDidScrollChange(now),
    editor.onDidLayoutChange(soon),
    editor.onDidContentSizeChange(soon),
    editor.onDidChangeHiddenAreas(soon),
    editor.onDidChangeModelContent(soon),
  ];
  soon();
  return () => {
    if (frame !== 0) cancelAnimationFrame(frame);
    for (const each of listening) each.dispose();
    end();
  };
}

/** A folded line has the place of the line above it. */
function isFolded(editor: CodeEditor, line: number): boolean {
  return line > 1 && editor.getTopForLineNumber(line) === editor.getTopForLineNumber(line - 1);
}

function rowOf({ text, foldedText, warning, heat, dimmed }: PlanLens, folded: boolean, top: number): HTMLElement {
  const row = document.createElement('div');
  row.className = [styles['lens'], heat >= 4 ? styles['lensHot'] : '', dimmed ? styles['lensDimmed'] : ''].join(' ');
  row.style.top = `${top}px`;
  if (warning !== null && !folded) {
    const words = document.createElement('span');
    words.className = styles['warning'] ?? '';
    words.textContent = warning;
    row.append(words);
  }
  row.append(folded && foldedText !== null ? foldedText : text);
  return row;
}
