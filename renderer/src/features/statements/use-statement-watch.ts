import { useEffect, useState } from 'react';

import type { Failure } from '#contract/failure.ts';

import { client } from '../../rpc/client.ts';

import { refreshStatements } from './statements-actions.ts';

/** Has snapshots taken while the view is open. Answers why the last one failed; null when it did not. */
export function useStatementWatch(connectionId: string): Failure | null {
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    void (async () => {
      try {
        for await (const event of await client.statements.watch({ connectionId }, { signal: stop.signal })) {
          setFailure(event.kind === 'failed' ? event.failure : null);
          if (event.kind === 'snapshot') await refreshStatements();
        }
      } catch {
        // The channel or the connection is gone, which the frame tells.
      }
    })();
    return () => stop.abort();
  }, [connectionId]);
  return failure;
}
