/**
 * The strongest lock that a fix takes, and what it stops.
 * https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
 */
export const lockTexts = {
  none: 'No table lock',
  shareUpdateExclusive: 'SHARE UPDATE EXCLUSIVE: reads and writes go on',
  share: 'SHARE: reads go on, writes wait',
  shareRowExclusive: 'SHARE ROW EXCLUSIVE: reads go on, writes wait',
  accessExclusive: 'ACCESS EXCLUSIVE: reads and writes wait',
  accessExclusiveShort: 'ACCESS EXCLUSIVE for a moment: reads and writes wait until it has the lock',
  accessExclusiveRewrite: 'ACCESS EXCLUSIVE: reads and writes wait while the table is rewritten',
} as const;
