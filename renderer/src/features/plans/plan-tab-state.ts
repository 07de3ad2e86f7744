import type { Json } from '../../workbench/workbench-store.ts';

/** Where the plan of a tab comes from; kept with the tab across restarts. */
export type PlanTabSource =
  | {
      readonly kind: 'explain';
      readonly sql: string;
      readonly analyze: boolean;
      readonly savedId: string | null;
      readonly rolledBack: boolean;
    }
  | { readonly kind: 'saved'; readonly savedId: string }
  | { readonly kind: 'pasted'; readonly pasteId: string };

/** The source as a tab keeps it. */
export function planTabState(source: PlanTabSource): Json {
  return { ...source };
}

/** Reads what a tab kept; null where it does not fit any more. */
export function readPlanTabState(state: Json): PlanTabSource | null {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return null;
  const { kind, sql, analyze, savedId, rolledBack, pasteId } = state;
  if (kind === 'explain' && typeof sql === 'string' && typeof analyze === 'boolean') {
    return {
      kind,
      sql,
      analyze,
      savedId: typeof savedId === 'string' ? savedId : null,
      rolledBack: rolledBack === true,
    };
  }
  if (kind === 'saved' && typeof savedId === 'string') return { kind, savedId };
  if (kind === 'pasted' && typeof pasteId === 'string') return { kind, pasteId };
  return null;
}
