import type { Plan, PlanInsight } from '#contract/plan-model.ts';
export function findInsights(_plan: Plan, _ownMs: readonly number[]): PlanInsight[] { return []; }
