import { analyzePlans } from '../../../../electron/plan-core/index.ts';

// As in the app: the plans stay with the worker, and what is answered is small.
let plans: ReturnType<typeof analyzePlans> = [];

self.addEventListener('message', ({ data }: MessageEvent<string>) => {
  plans = analyzePlans(data);
  self.postMessage({
    nodes: plans.reduce((sum, plan) => sum + plan.nodes.length, 0),
    insights: plans.reduce((sum, plan) => sum + plan.insights.length, 0),
  });
});
