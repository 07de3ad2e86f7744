import type { SessionRow } from './session-row.ts';

/** A dump keeps its transactions open on purpose; a parallel one has a session that only keeps the snapshot. */
export function isDump(row: SessionRow): boolean {
  return ['pg_dump', 'pg_dumpall'].includes(row.application);
}

export const dumpCaution = 'A dump: vacuum catches up when it is done.';
