export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

/** A rectangle of cells: where it began, and where it was drawn to. The cursor is at `focus`. */
export interface GridSelection {
  readonly anchor: CellPlace;
  readonly focus: CellPlace;
}

export interface CellRange {
  readonly firstRow: number;
  readonly lastRow: number;
  readonly firstColumn: number;
  readonly lastColumn: number;
}

/** The rectangle of a selection, edges included. */
export function rangeOf({ anchor, focus }: GridSelection): CellRange {
  return {
    firstRow: Math.min(anchor.row, focus.row),
    lastRow: Math.max(anchor.row, focus.row),
    firstColumn: Math.min(anchor.column, focus.column),
    lastColumn: Math.max(anchor.column, focus.column),
  };
}

/** Whether a cell lies in a rectangle. */
export function contains(range: CellRange, row: number, column: number): boolean {
  return row >= range.firstRow && row <= range.lastRow && column >= range.firstColumn && column <= range.lastColumn;
}

export interface GridKey {
  readonly key: string;
  readonly mod: boolean;
  readonly shift: boolean;
}

export interface GridSize {
  readonly rows: number;
  readonly columns: number;
  readonly pageRows: number;
}

/** The selection after a key, as spreadsheets do it; null where the key does not move it. */
export function moveSelection(
  selection: GridSelection,
  { key, mod, shift }: GridKey,
  size: GridSize,
): GridSelection | null {
  const lastRow = size.rows - 1;
  const lastColumn = size.columns - 1;
  if (mod && key.toLowerCase() === 'a')
    return { anchor: { row: 0, column: 0 }, focus: { row: lastRow, column: lastColumn } };
  const { row, column } = selection.focus;
  const target = targetOf(key, mod, row, column, lastRow, lastColumn, size.pageRows);
  if (target === null) return null;
  const focus = {
    row: Math.max(0, Math.min(lastRow, target.row)),
    column: Math.max(0, Math.min(lastColumn, target.column)),
  };
  return { anchor: shift && key !== 'Tab' ? selection.anchor : focus, focus };
}

function targetOf(
  key: string,
  mod: boolean,
  row: number,
  column: number,
  lastRow: number,
  lastColumn: number,
  pageRows: number,
): CellPlace | null {
  switch (key) {
    case 'ArrowUp':
      return { row: mod ? 0 : row - 1, column };
    case 'ArrowDown':
      return { row: mod ? lastRow : row + 1, column };
    case 'ArrowLeft':
      return { row, column: mod ? 0 : column - 1 };
    case 'ArrowRight':
      return { row, column: mod ? lastColumn : column + 1 };
    case 'PageUp':
      return { row: row - pageRows, column };
    case 'PageDown':
      return { row: row + pageRows, column };
    case 'Home':
      return { row: mod ? 0 : row, column: 0 };
    case 'End':
      return { row: mod ? lastRow : row, column: lastColumn };
    default:
      return null;
  }
}
