import type { FleetFacts } from '#contract/fleet.ts';

import { quoteIdentifier } from '../../postgres/quote-identifier.ts';
import type { CannotTell } from './fleet-facts.ts';

/** What the rights of the user keep from being told. Pure. */
export function hiddenThings(facts: FleetFacts, database: string): CannotTell[] {
  const user = quoteIdentifier(facts.user);
  const monitor = { unlockSql: `grant pg_monitor to ${user};` };
  const hidden: CannotTell[] = [];
  if (facts.hiddenSessions > 0) {
    const sessions = facts.hiddenSessions === 1 ? '1 session' : `${facts.hiddenSessions} sessions`;
    const reason = `The times of ${sessions} of other users are hidden from ${facts.user}.`;
    hidden.push({ what: 'Longest transaction', reason, ...monitor });
    hidden.push({ what: 'Idle in transaction', reason, ...monitor });
  }
  if (facts.databaseBytes === null)
    hidden.push({
      what: 'Database size',
      reason: `${facts.user} may not connect to ${database} by right, so its size is not told.`,
      unlockSql: `grant connect on database ${quoteIdentifier(database)} to ${user};`,
    });
  if (facts.walBytes === null)
    hidden.push({ what: 'WAL on disk', reason: `${facts.user} may not list the folder of the WAL.`, ...monitor });
  if (facts.checksumFailures === null)
    hidden.push({
      what: 'Checksum failures',
      reason: 'Data checksums are off, so damaged blocks are not noticed.',
    });
  return hidden;
}
