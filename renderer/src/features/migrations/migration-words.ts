import { CircleCheck, CircleDashed, FileX, TriangleAlert } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import type { MigrationEntry, MigrationSql } from '#contract/migrations.ts';

export interface StateWords {
  readonly icon: LucideIcon;
  readonly tone: 'good' | 'dim' | 'warning' | 'critical';
  /** Stands before the time it was applied, if it was. */
  readonly word: string;
  /** Stands behind it. */
  readonly note: string | null;
}

/** Icon and words of a migration's state. */
export function stateWords(state: MigrationEntry['state']): StateWords {
  switch (state) {
    case 'applied':
      return { icon: CircleCheck, tone: 'good', word: 'applied', note: null };
    case 'pending':
      return { icon: CircleDashed, tone: 'dim', word: 'pending', note: null };
    case 'changed':
      return { icon: TriangleAlert, tone: 'warning', word: 'applied', note: 'changed since' };
    case 'missing':
      return { icon: FileX, tone: 'critical', word: 'applied', note: 'file missing' };
  }
}

/** What is pending up to and including `name`; all that is pending where `name` is not. */
export function pendingUpTo(entries: readonly MigrationEntry[], name: string | null): readonly MigrationEntry[] {
  const pending = entries.filter((entry) => entry.state === 'pending');
  const place = pending.findIndex((entry) => entry.name === name);
  return place < 0 ? pending : pending.slice(0, place + 1);
}

/** The migration that was applied last: the only one that can be rolled back. */
export function newestApplied(entries: readonly MigrationEntry[]): MigrationEntry | null {
  let newest: MigrationEntry | null = null;
  for (const entry of entries) {
    // Those of one second are in the order of their names.
    if (entry.appliedAt !== null && (newest === null || instantOf(entry) >= instantOf(newest))) newest = entry;
  }
  return newest;
}

/** The one to look at first: the oldest pending one, else the newest applied. */
export function firstToShow(entries: readonly MigrationEntry[]): string | null {
  return (entries.find((entry) => entry.state === 'pending') ?? newestApplied(entries) ?? entries[0])?.name ?? null;
}

/** Statements as one script, without the indentation that they had in the migration's code. */
export function scriptOf(statements: readonly string[]): string {
  return statements.map((statement) => withoutIndent(statement.trim()).replace(/;?$/, ';')).join('\n\n');
}

function withoutIndent(statement: string): string {
  const [first = '', ...rest] = statement.split('\n');
  // Blanks inside a literal that goes over lines are part of its value.
  const literalGoesOn =
    statement.includes('$') || [first, ...rest].some((line) => (line.match(/'/g)?.length ?? 0) % 2 === 1);
  if (literalGoesOn) return statement;
  const indents = rest.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  // The line that closes a bracket tells how deep the statement itself stood; without one the least is kept as a step.
  const closing = rest.filter((line) => /^\s*\)/.test(line)).map((line) => line.length - line.trimStart().length);
  const depth = closing.length > 0 ? Math.min(...closing) : Math.max(0, Math.min(...indents) - 2);
  if (!Number.isFinite(depth) || depth <= 0) return statement;
  return [first, ...rest.map((line) => line.slice(Math.min(depth, line.length - line.trimStart().length)))].join('\n');
}

/** What to know before a migration runs. */
export function cautionsOf(sql: MigrationSql): readonly string[] {
  return [
    ...(sql.reversible ? [] : ['Cannot be rolled back: it has no down(), or down() throws.']),
    ...(sql.dynamic ? ['Runs queries of its own while it builds its SQL: what is listed may not be all.'] : []),
    ...(sql.transactional ? [] : ['Runs outside a transaction: what it did before an error stays.']),
  ];
}

/** What `2 applied, 1 pending` says of a folder. */
export function countStates(entries: readonly MigrationEntry[]): string {
  const parts = (['pending', 'changed', 'missing', 'applied'] as const).flatMap((state) => {
    const count = entries.filter((entry) => entry.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  return parts.length === 0 ? 'nothing here' : parts.join(', ');
}

/** The end of a path, which tells folders apart best. */
export function pathTail(path: string, parts = 2): string {
  const names = path.split(/[\\/]/).filter((name) => name !== '');
  return names.length <= parts ? path : `…/${names.slice(-parts).join('/')}`;
}

function instantOf(entry: MigrationEntry): number {
  return Date.parse(entry.appliedAt ?? '');
}
