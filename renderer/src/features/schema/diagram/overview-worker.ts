import { layoutOverview } from './overview-layout.ts';
import type { OverviewInput } from './overview-layout.ts';

self.addEventListener('message', (event: MessageEvent<OverviewInput>) => {
  self.postMessage(layoutOverview(event.data));
});
