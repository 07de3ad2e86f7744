import { Store001 } from './001-store.ts';
import { Audit002 } from './002-audit.ts';
import { Fleet003 } from './003-fleet.ts';
import { PlanFingerprints004 } from './004-plan-fingerprints.ts';
import { Health005 } from './005-health.ts';
import { StatementSnapshots006 } from './006-statement-snapshots.ts';
import { LogImports007 } from './007-log-imports.ts';

/** In the order in which they apply. The names are what the store remembers: never change one. */
export const storeMigrations = [
  { name: '001-store', class: Store001 },
  { name: '002-audit', class: Audit002 },
  { name: '003-fleet', class: Fleet003 },
  { name: '004-plan-fingerprints', class: PlanFingerprints004 },
  { name: '005-health', class: Health005 },
  { name: '006-statement-snapshots', class: StatementSnapshots006 },
  { name: '007-log-imports', class: LogImports007 },
];
