import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly slot_name: string;
  readonly slot_literal: string;
}

export const noStandbyAttached: HealthCheck<Row> = {
  id: 'REP04',
  group: 'replication',
  basis: 'moment',
  title: 'Expected standbys that are not attached',
  why: 'A physical slot is a promise to a standby. Where nobody uses it, a standby that should be there is missing, and a failover would find nothing.',
  requires: { role: 'primary' },
  // Run on PostgreSQL 13 to 18. Physical slots that once served somebody say how many standbys are expected.
  sql: () => `
select
  slot.slot_name::text as slot_name,
  quote_literal(slot.slot_name) as slot_literal
from pg_catalog.pg_replication_slots as slot
where slot.slot_type = 'physical'
  and not slot.active
  and not slot.temporary
  and slot.restart_lsn is not null
order by slot.slot_name`,
  findings(rows, { facts }) {
    return rows.map((row) => ({
      object: `slot ${row.slot_name}`,
      severity: 'warning' as const,
      message: `The standby that used slot ${row.slot_name} is not attached; ${String(facts.attachedStandbys)} are.`,
      evidence: [{ label: 'Standbys attached', value: String(facts.attachedStandbys) }],
      caution: 'If the standby is gone for good, drop its slot (REP05).',
      confidence: 'medium' as const,
      confidenceReason: 'A slot can also belong to a WAL archiver that connects now and then.',
    }));
  },
};
