import { useEffect } from 'react';

import { client } from '../../rpc/client.ts';
import { failureOf } from '../../rpc/failure.ts';

import { resume, takeEvent, takeFailure, watchFor } from './activity-store.ts';

const pauseBeforeAgainMs = 2000;

/** Watches a server while the component is on screen and the window can be seen. Servers are not asked for nobody. */
export function useActivityWatch(connectionId: string): void {
  useEffect(() => {
    watchFor(connectionId);
    let controller: AbortController | null = null;
    const follow = () => {
      if (document.visibilityState === 'hidden') {
        controller?.abort();
        controller = null;
      } else if (controller === null) {
        controller = new AbortController();
        void followServer(connectionId, controller.signal);
      }
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      controller?.abort();
      resume();
    };
  }, [connectionId]);
}

async function followServer(connectionId: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const event of await client.activity.watch({ connectionId }, { signal })) {
        if (signal.aborted) return;
        takeEvent(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      takeFailure(failureOf(error, signal));
    }
    await new Promise((resolve) => window.setTimeout(resolve, pauseBeforeAgainMs));
  }
}
