import { useEffect, useRef } from 'react';

import type { Job } from '#contract/jobs.ts';

import { useJobs } from '../rpc/live-lists.ts';

/** Calls back when a job of these kinds ends while the component is on screen, so that it can ask again. */
export function useJobEnds(kinds: readonly Job['kind'][], onEnd: () => void): void {
  const jobs = useJobs();
  // A short job may never be seen running: what counts is that its end is new.
  const known = useRef<ReadonlySet<string> | null>(null);
  const latest = useRef({ kinds, onEnd });
  latest.current = { kinds, onEnd };
  useEffect(() => {
    const ended = new Set(
      jobs.filter((job) => job.state !== 'running' && latest.current.kinds.includes(job.kind)).map(({ id }) => id),
    );
    const before = known.current;
    known.current = ended;
    if (before !== null && [...ended].some((id) => !before.has(id))) latest.current.onEnd();
  }, [jobs]);
}
