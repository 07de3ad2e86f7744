import { Pause } from 'lucide-react';

import { registerCommand } from '../../workbench/commands.ts';
import { useWorkbench } from '../../workbench/workbench-store.ts';

/** Adds the activity's command. Its view is loaded when it is first opened. */
export function registerActivity(): void {
  registerCommand({
    id: 'activity.pause',
    title: 'Pause or resume the activity',
    group: 'Activity',
    icon: Pause,
    enabled: () => useWorkbench.getState().activeSectionId === 'activity',
    run: async () => (await import('./activity-store.ts')).togglePause(),
  });
}
