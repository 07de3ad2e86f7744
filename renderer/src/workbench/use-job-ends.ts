import { useEffect, useRef } from 'react';

import type { Job } from '#contract/jobs.ts';

import { useJobs } from '../rpc/live-lists.ts';

/** Calls back when a job of these kinds ends while the component is on screen, so that it can ask again. */
export function useJobEnds(kinds: readonly Job['kind'][], onEnd: () => void): void {
  const jobs = useJobs();
  const running = useRef<ReadonlySet<string>>(new Set());
  const latest = useRef({ kinds, onEnd });
  latest.current = { kinds, onEnd };
  useEffect(() => {
    const now = new Set(
      jobs.filter((job) => job.state === 'running' && latest.current.kinds.includes(job.kind)).map(({ id }) => id),
    );
    const ended = [...running.current].some((id) => !now.has(id));
    running.current = now;
    if (ended) latest.current.onEnd();
  }, [jobs]);
}
