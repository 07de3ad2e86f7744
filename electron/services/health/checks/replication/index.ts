import type { HealthCheck } from '../../health-check.ts';
import { replayLag } from './rep01-replay-lag.ts';
import { standbyLagBytes } from './rep02-standby-lag-bytes.ts';
import { standbyNotStreaming } from './rep03-standby-not-streaming.ts';
import { noStandbyAttached } from './rep04-no-standby-attached.ts';
import { inactiveSlot } from './rep05-inactive-slot.ts';
import { slotRetainsWal } from './rep06-slot-retains-wal.ts';
import { slotLost } from './rep07-slot-lost.ts';
import { logicalReplicationErrors } from './rep08-logical-replication-errors.ts';
import { walReceiverDown } from './rep09-wal-receiver-down.ts';
import { standbyConflicts } from './rep10-standby-conflicts.ts';
import { replayPaused } from './rep11-replay-paused.ts';
import { archiverFailing } from './rep12-archiver-failing.ts';
import { archiveBacklog } from './rep13-archive-backlog.ts';
import { walOnDisk } from './rep14-wal-on-disk.ts';
import { publishedWithoutIdentity } from './rep15-published-without-identity.ts';
import { synchronousStandbyMissing } from './rep16-synchronous-standby-missing.ts';

export const replicationChecks: readonly HealthCheck[] = [
  replayLag,
  standbyLagBytes,
  standbyNotStreaming,
  noStandbyAttached,
  inactiveSlot,
  slotRetainsWal,
  slotLost,
  logicalReplicationErrors,
  walReceiverDown,
  standbyConflicts,
  replayPaused,
  archiverFailing,
  archiveBacklog,
  walOnDisk,
  publishedWithoutIdentity,
  synchronousStandbyMissing,
];
