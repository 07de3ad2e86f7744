import type { Json } from '../../../workbench/workbench-store.ts';

/** One plan of a comparison: one that is kept in the history, or a text that is kept with the tab. */
export type ComparedSide =
  | { readonly kind: 'saved'; readonly savedId: string; readonly label: string }
  | { readonly kind: 'text'; readonly textId: string; readonly label: string };

export interface ComparisonState {
  readonly before: ComparedSide;
  readonly after: ComparedSide;
}

/** The two plans as a tab keeps them. */
export function comparisonState({ before, after }: ComparisonState): Json {
  return { before: { ...before }, after: { ...after } };
}

/** Reads what a tab kept; null where it does not fit any more. */
export function readComparisonState(state: Json): ComparisonState | null {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return null;
  const before = sideIn(state['before'] ?? null);
  const after = sideIn(state['after'] ?? null);
  return before === null || after === null ? null : { before, after };
}

function sideIn(value: Json): ComparedSide | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { kind, savedId, textId, label } = value;
  if (typeof label !== 'string') return null;
  if (kind === 'saved' && typeof savedId === 'string') return { kind, savedId, label };
  return kind === 'text' && typeof textId === 'string' ? { kind, textId, label } : null;
}
