import type { ListRow } from './list-model.ts';

/** What is selected in the list: connections by id, the row that the keys act from, and where a range began. */
export interface ListSelection {
  readonly ids: ReadonlySet<string>;
  readonly activeKey: string | null;
  readonly anchorKey: string | null;
}

export const nothingSelected: ListSelection = { ids: new Set(), activeKey: null, anchorKey: null };

export type SelectionMode = 'only' | 'toggle' | 'range';

/** The selection after a row was clicked or reached by a key. A folder is made active, and selects nothing itself. */
export function withRow(
  selection: ListSelection,
  rows: readonly ListRow[],
  key: string,
  mode: SelectionMode,
): ListSelection {
  const row = rows.find((candidate) => candidate.key === key);
  if (row === undefined) return selection;
  if (mode === 'range' && selection.anchorKey !== null) {
    const from = rows.findIndex((candidate) => candidate.key === selection.anchorKey);
    const to = rows.indexOf(row);
    const between = from < 0 ? [row] : rows.slice(Math.min(from, to), Math.max(from, to) + 1);
    return { ids: idsOf(between), activeKey: key, anchorKey: selection.anchorKey };
  }
  if (mode === 'toggle' && row.kind === 'connection') {
    const ids = new Set(selection.ids);
    if (!ids.delete(key)) ids.add(key);
    return { ids, activeKey: key, anchorKey: key };
  }
  return { ids: idsOf([row]), activeKey: key, anchorKey: key };
}

/** Every connection that is in sight. */
export function withAll(selection: ListSelection, rows: readonly ListRow[]): ListSelection {
  return { ...selection, ids: idsOf(rows) };
}

/** The selection without what is not there any more. The same object where nothing is gone. */
export function stillThere(selection: ListSelection, known: ReadonlySet<string>): ListSelection {
  const ids = [...selection.ids].filter((id) => known.has(id));
  return ids.length === selection.ids.size ? selection : { ...selection, ids: new Set(ids) };
}

function idsOf(rows: readonly ListRow[]): ReadonlySet<string> {
  return new Set(rows.flatMap((row) => (row.kind === 'connection' ? [row.key] : [])));
}
