import type { PlanComparison } from '#contract/plan-comparison.ts';
import type { Plan } from '#contract/plan-model.ts';

import type { PlanIndex } from './plan-index.ts';
import type { NodeName } from './plan-names.ts';
import type { SheetNode } from './plan-sheet.ts';

/** One plan of a source, counted from 0, with its statement where the source does not tell. */
export interface PlanOfSource {
  readonly source: string;
  readonly place: number;
  readonly queryText: string | null;
  /** Of the server that printed it, where that is known. */
  readonly serverVersion?: string | null;
}

/** What is known of the plan of a source that holds one. */
export type KnownOfPlan = Pick<Plan, 'queryText' | 'serverVersion' | 'relations'>;

/** A plan that was found, in short. */
export interface FoundPlan {
  readonly title: string;
  readonly queryText: string | null;
  readonly executionMs: number | null;
  readonly nodes: number;
  readonly insights: number;
}

/** Plans of a log that could not be read while others could. */
export interface UnreadablePlans {
  readonly count: number;
  readonly first: { readonly line: number; readonly message: string } | null;
}

/** What the reader's worker is asked. */
export type ReaderTask =
  /** Compiles what reads plans. Not answered. */
  | { readonly kind: 'warm' }
  | { readonly kind: 'read'; readonly source: string | Blob; readonly known: KnownOfPlan }
  | { readonly kind: 'open'; readonly place: number }
  | { readonly kind: 'compare'; readonly before: PlanOfSource; readonly after: PlanOfSource }
  | { readonly kind: 'anonymise'; readonly plan: PlanOfSource };

export type PlanPart = 'whole' | 'before' | 'after';

/** What it answers. A plan comes in parts, so that no part stops the window: `plan`, then its `nodes`, then `whole`. */
export type ReaderAnswer =
  | { readonly kind: 'read'; readonly plans: readonly FoundPlan[]; readonly unreadable: UnreadablePlans }
  | { readonly kind: 'plan'; readonly part: PlanPart; readonly index: PlanIndex }
  | {
      readonly kind: 'nodes';
      readonly part: PlanPart;
      readonly nodes: readonly SheetNode[];
      readonly names: readonly NodeName[];
    }
  | { readonly kind: 'whole'; readonly part: PlanPart }
  | { readonly kind: 'compared'; readonly comparison: PlanComparison }
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly place: { readonly line: number; readonly column: number } | null;
      /** The text is at fault, and not the reader. */
      readonly understood: boolean;
    };
