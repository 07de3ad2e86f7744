import type { FixStatement } from '#contract/health.ts';
import { formatBytes } from '../format-values.ts';
import { withoutQuoted } from './sql-names.ts';

/** One statement of a fix, and how it has to be run. */
export interface FixStep {
  readonly sql: string;
  /** PostgreSQL refuses it inside a transaction block. */
  readonly outsideTransaction: boolean;
  /**
   * It would hold the locks of the steps before it for as long as it reads, which is what NOT VALID was for: they are
   * committed first.
   */
  readonly startsAnew: boolean;
  /** It holds nobody up while it waits for its locks. */
  readonly isGentle: boolean;
  readonly kind: FixKind;
}

export type FixKind = 'build index' | 'rewrite' | 'scan' | 'vacuum' | 'analyze' | 'definition' | 'other';

/** What is known of the relation that a fix is about. */
export interface FixedRelation {
  /** Its table's rows and TOAST, bytes; of an index its table's. */
  readonly tableBytes: number;
  readonly indexBytes: number;
}

const outside =
  /^(?:create\s+(?:unique\s+)?index\s+concurrently|drop\s+index\s+concurrently|reindex\b|vacuum\b|cluster\b(?!\s+\S+\s+on)|alter\s+system\b|(?:commit|rollback)\s+prepared\b|(?:create|drop)\s+(?:database|tablespace|subscription)\b|alter\s+table\b[^;]*\bdetach\s+partition\b[^;]*\bconcurrently\b|alter\s+database\b[^;]*\bset\s+tablespace\b)/i;

/** Pure. `statements` are those of the SQL, one each, without comments before them. */
export function fixSteps(statements: readonly string[]): FixStep[] {
  return statements.map((sql) => {
    // A name may hold any word of SQL, and a semicolon.
    const words = withoutQuoted(sql);
    const kind = kindOf(words);
    return {
      sql,
      outsideTransaction: outside.test(words),
      startsAnew: /^alter\s+table\b[^;]*\bvalidate\s+constraint\b/i.test(words),
      isGentle: /\bconcurrently\b/i.test(words) || (kind === 'vacuum' && !/\bfull\b/i.test(words)),
      kind,
    };
  });
}

function kindOf(sql: string): FixKind {
  if (/^(?:create\s+(?:unique\s+)?index|reindex)\b/i.test(sql)) return 'build index';
  if (/^vacuum\b[^;]*\bfull\b|^cluster\b/i.test(sql)) return 'rewrite';
  if (/^vacuum\b/i.test(sql)) return 'vacuum';
  if (/^analyze\b/i.test(sql)) return 'analyze';
  if (/^alter\s+table\b/i.test(sql)) return kindOfAlterTable(sql);
  return /^(?:alter|drop|create|grant|revoke|comment|reassign)\b/i.test(sql) ? 'definition' : 'other';
}

function kindOfAlterTable(sql: string): FixKind {
  if (/\balter\s+(?:column\s+)?\S+\s+(?:set\s+data\s+)?type\b|\bset\s+(?:logged|unlogged|tablespace)\b/i.test(sql))
    return 'rewrite';
  if (/\badd\s+(?:constraint\s+\S+\s+)?(?:primary\s+key|unique)\s*\(/i.test(sql)) return 'build index';
  if (/\bvalidate\s+constraint\b|\bset\s+not\s+null\b/i.test(sql)) return 'scan';
  return /\badd\s+constraint\b/i.test(sql) && !/\bnot\s+valid\b/i.test(sql) ? 'scan' : 'definition';
}

/** Bytes a second that machines of today do between a slow disk and memory. Orders of magnitude, told as such. */
const speeds: Readonly<Partial<Record<FixKind, readonly [slow: number, fast: number]>>> = {
  'build index': [10e6, 150e6],
  rewrite: [15e6, 150e6],
  scan: [50e6, 1500e6],
  vacuum: [20e6, 500e6],
};

/**
 * How long a step may take once it has its locks: the bytes it reads or writes at the speed of a slow and of a fast
 * machine. Null where size says nothing. Pure.
 */
export function estimateStep(step: FixStep, relation: FixedRelation | undefined): FixStatement['estimate'] {
  switch (step.kind) {
    case 'definition':
      return { fromMs: 1, toMs: 200, because: 'It changes definitions only; waiting for its lock comes on top.' };
    case 'analyze':
      return { fromMs: 20, toMs: 20_000, because: 'It reads a sample of the rows, whatever the size.' };
    case 'other':
      return null;
    default: {
      const speed = speeds[step.kind];
      if (relation === undefined || speed === undefined) return null;
      const twice = step.outsideTransaction && step.kind === 'build index';
      const bytes = relation.tableBytes * (twice ? 2 : 1) + (step.kind === 'rewrite' ? relation.indexBytes : 0);
      const [slow, fast] = speed;
      return {
        fromMs: Math.max(1, Math.round((bytes / fast) * 1000)),
        toMs: Math.max(50, Math.round((bytes / slow) * 1000)),
        because: `${formatBytes(bytes)} to ${step.kind === 'scan' || step.kind === 'vacuum' ? 'read' : 'read and sort or write'}${twice ? ', in two passes so that writes go on' : ''}; it also waits for transactions that are open.`,
      };
    }
  }
}
