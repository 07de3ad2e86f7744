/** A 1-based place in pasted text. */
export interface PastePlace {
  readonly line: number;
  readonly column: number;
}

/** The place that a reader's message names: `… (line 12, column 3)`; null where it names none. */
export function placeIn(message: string): PastePlace | null {
  const found = /\bline (\d+)(?:, column (\d+))?/i.exec(message);
  return found === null ? null : { line: Number(found[1]), column: Number(found[2] ?? 1) };
}

/** Where a line begins and ends in a text, as offsets; the end of the text for lines that are not there. */
export function lineOffsets(text: string, line: number): { readonly start: number; readonly end: number } {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    const next = text.indexOf('\n', start);
    if (next === -1) return { start: text.length, end: text.length };
    start = next + 1;
  }
  const end = text.indexOf('\n', start);
  return { start, end: end === -1 ? text.length : end };
}

/** Selects from a place to the end of its line, and scrolls there. */
export function selectPlace(box: HTMLTextAreaElement, { line, column }: PastePlace): void {
  const { start, end } = lineOffsets(box.value, line);
  const from = Math.min(end, start + column - 1);
  box.focus();
  box.setSelectionRange(from === end ? start : from, end);
  const lineHeight = Number.parseFloat(getComputedStyle(box).lineHeight) || 18;
  box.scrollTop = Math.max(0, (line - 3) * lineHeight);
}
