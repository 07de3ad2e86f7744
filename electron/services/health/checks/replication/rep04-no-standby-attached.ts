import { formatCount, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly attached: number;
  readonly abandoned_slots: readonly string[];
}

export const noStandbyAttached: HealthCheck<Row, 'expectedStandbys'> = {
  id: 'REP04',
  group: 'replication',
  basis: 'moment',
  title: 'Expected standbys that are not attached',
  why: 'A physical slot is a promise to a standby. Where nobody uses it, a standby that should be there is missing, and a failover would find nothing.',
  thresholds: {
    // pganalyze asks for the number as well. Without it the slots say how many there once were.
    expectedStandbys: { usual: 0, unit: 'count', label: 'Standbys that have to be attached, 0 when unknown' },
  },
  // Run on PostgreSQL 13 to 18. Standbys say what they have replayed, and so do subscribers; base backups, receivers of WAL
  // and connections that ask queries do not. Where that is hidden every sender may be a standby.
  sql: () => `
select
  (
    select count(*)
    from pg_catalog.pg_stat_replication as replica
    left join pg_catalog.pg_replication_slots as slot on slot.active_pid = replica.pid
    where (replica.replay_lsn is not null or replica.state is null)
      and slot.slot_type is distinct from 'logical'
      and slot.temporary is distinct from true
  )::int4 as attached,
  array(
    select slot.slot_name::text
    from pg_catalog.pg_replication_slots as slot
    where slot.slot_type = 'physical'
      and not slot.active
      and not slot.temporary
      and slot.restart_lsn is not null
    order by slot.slot_name
  ) as abandoned_slots`,
  findings([row], { facts, limits }) {
    if (row === undefined) return [];
    // The number is the primary's; of a standby that hands on WAL only its slots tell.
    const known = facts.inRecovery ? 0 : limits.expectedStandbys;
    const expected = Math.max(known, row.attached + row.abandoned_slots.length);
    if (row.attached >= expected) return [];
    const isKnown = row.attached < known;
    return [
      {
        object: 'standbys',
        severity: isKnown ? 'critical' : 'warning',
        message: `${plural(row.attached, 'standby is', 'standbys are')} attached, ${formatCount(expected)} ${expected === 1 ? 'is' : 'are'} expected.`,
        measure: expected - row.attached,
        evidence: [
          { label: 'Attached', value: formatCount(row.attached) },
          ...(row.abandoned_slots.length === 0
            ? []
            : [{ label: 'Slots that nobody uses', value: row.abandoned_slots.join(', ') }]),
        ],
        caution: 'If a standby is gone for good, drop its slot (REP05).',
        ...(isKnown
          ? { confidence: 'high' }
          : {
              confidence: 'medium',
              confidenceReason: 'A slot can also belong to a WAL archiver that connects now and then.',
            }),
      },
    ];
  },
};
