import type { CoverageNote, StatementOrder, StatementRow, StatementSmell } from '#contract/statements.ts';
import { statementOrders } from '#contract/statements.ts';

import { quoteIdentifier } from '../../postgres/quote-identifier.ts';
import { formatCount, formatDuration } from './format-numbers.ts';
import type { StatementGroup } from './group-statements.ts';
import { deviationOf, meanOf, type StatementDeltas } from './statement-deltas.ts';
import { counterAt, type CounterName, type SnapshotMeta } from './statement-snapshot.ts';

/** A number of a window; null where it is not counted. */
export function numberOf({ values }: Pick<StatementGroup, 'values'>, name: CounterName): number | null {
  const value = values[counterAt[name]] ?? Number.NaN;
  return Number.isNaN(value) ? null : value;
}

function countOf(group: StatementGroup, name: CounterName): number {
  return numberOf(group, name) ?? 0;
}

/** Milliseconds of reading and writing of any blocks. */
function ioMs(group: StatementGroup): number {
  return (
    countOf(group, 'readMs') + countOf(group, 'writeMs') + countOf(group, 'tempReadMs') + countOf(group, 'tempWriteMs')
  );
}

/** What each order ranks by, larger first. Without timing, I/O is the blocks that were moved. */
export function rankBy(order: StatementOrder, group: StatementGroup, timesIo: boolean): number {
  switch (order) {
    case 'total':
      return group.execution.total;
    case 'mean':
      return meanOf(group.execution) ?? 0;
    case 'calls':
      return group.execution.count;
    case 'io':
      return timesIo ? ioMs(group) : countOf(group, 'sharedRead') + countOf(group, 'sharedWritten');
    case 'temp':
      return countOf(group, 'tempRead') + countOf(group, 'tempWritten');
    case 'wal':
      return countOf(group, 'walBytes');
    case 'plan':
      return group.planning.total;
  }
}

/** The groups that are among the first of any order: complete for each order as far as that goes. Pure. */
export function leaders(groups: readonly StatementGroup[], limit: number, timesIo: boolean): StatementGroup[] {
  if (groups.length <= limit) return groups.toSorted((a, b) => b.execution.total - a.execution.total);
  const chosen = new Set<StatementGroup>();
  for (const order of statementOrders) {
    const ranks = Float64Array.from(groups, (group) => rankBy(order, group, timesIo));
    // Numbers alone sort ten times as fast as groups.
    const least = ranks.toSorted().at(-limit) ?? 0;
    // Of many that share the last place some are as good as others.
    let ties = limit - ranks.reduce((count, rank) => count + Number(rank > least), 0);
    for (const [index, group] of groups.entries()) {
      const rank = ranks[index] ?? 0;
      if (rank <= 0 || rank < least || (rank === least && ties === 0)) continue;
      if (rank === least) ties -= 1;
      chosen.add(group);
    }
  }
  return [...chosen].toSorted((a, b) => b.execution.total - a.execution.total);
}

/** One line of the table. */
export function statementRow(
  group: StatementGroup,
  meta: SnapshotMeta,
  about: { readonly sql: string | null; readonly clientMs: number; readonly smells: readonly StatementSmell[] },
): StatementRow {
  const databases = new Set(group.parts.map(({ entry }) => entry.databaseId));
  const [databaseId] = databases;
  const database = databases.size === 1 ? (meta.databases[String(databaseId)] ?? `database ${databaseId}`) : null;
  const blocks = countOf(group, 'tempRead') + countOf(group, 'tempWritten');
  return {
    queryId: group.queryId,
    nested: group.nested,
    sql: about.sql === null ? null : oneLine(about.sql),
    database,
    databases: databases.size,
    users: new Set(group.parts.map(({ entry }) => entry.userId)).size,
    status: group.status,
    calls: group.execution.count,
    totalMs: group.execution.total,
    share: group.nested === true || about.clientMs <= 0 ? null : group.execution.total / about.clientMs,
    meanMs: meanOf(group.execution),
    stddevMs: deviationOf(group.execution),
    rows: countOf(group, 'rows'),
    planMs: meta.tracksPlanning || group.planning.count > 0 ? group.planning.total : null,
    blocksHit: countOf(group, 'sharedHit') + countOf(group, 'localHit'),
    blocksRead: countOf(group, 'sharedRead') + countOf(group, 'localRead'),
    ioMs: meta.timesIo ? ioMs(group) : null,
    tempBytes: blocks * meta.blockBytes,
    walBytes: countOf(group, 'walBytes'),
    smells: about.smells.map(({ kind, label }) => ({ kind, label })),
  };
}

const shownText = 400;

/** A statement's beginning on one line. */
export function oneLine(sql: string): string {
  const text = sql
    .slice(0, 4 * shownText)
    .replaceAll(/\s+/g, ' ')
    .trim();
  return text.length > shownText ? `${text.slice(0, shownText)}…` : text;
}

/** What the numbers of a window do not cover, and why, in words. Pure. */
export function coverageNotes(
  deltas: StatementDeltas,
  after: SnapshotMeta,
  about: {
    readonly isReset: boolean;
    readonly fallback: boolean;
    readonly off: boolean;
    readonly user: string;
    readonly stored: boolean;
    /** Why texts could not be read, in the server's words. */
    readonly unread: string | null;
  },
): CoverageNote[] {
  const notes: CoverageNote[] = [];
  const add = (
    kind: CoverageNote['kind'],
    tone: CoverageNote['tone'],
    text: string,
    sql: string | null = null,
  ): void => {
    notes.push({ kind, tone, text, sql });
  };
  if (about.fallback) {
    add(
      'short',
      'info',
      'This is the first snapshot: the numbers are of everything since statistics were reset, not of the window. The next snapshot makes the first window.',
    );
  } else if (about.off) {
    add(
      'short',
      'info',
      'No snapshot is as old as was asked for: the nearest one is used. Snapshots are taken while this is open.',
    );
  }
  if (deltas.reset === 'certain') {
    add('reset', 'warning', 'Statistics were reset in this window: the numbers are of what came after.');
  } else if (deltas.reset === 'presumed') {
    add(
      'reset',
      'warning',
      `Statistics began anew in this window${deltas.restarted ? ', with a restart of the server' : ''}, when is not known: the numbers are of what came after, and rates are lower than they were.`,
    );
  } else if (deltas.restarted) {
    add('restart', 'info', 'The server was restarted in this window. Its statistics went on.');
  }
  if (deltas.evictions !== null && deltas.evictions > 0) {
    add(
      'evictions',
      'warning',
      `Rare statements were thrown away ${times(deltas.evictions)}${about.isReset ? '' : ' in this window'}: more kinds of statements run than the ${formatCount(after.maxStatements)} that are kept. What they did is missing here.`,
      `alter system set pg_stat_statements.max = ${2 * after.maxStatements};`,
    );
  }
  if (deltas.gone > 0 || deltas.cameBack > 0 || deltas.unknown > 0) {
    const parts = [
      ...(deltas.gone > 0 ? [`${statements(deltas.gone)} of before ${deltas.gone === 1 ? 'is' : 'are'} gone`] : []),
      ...(deltas.cameBack > 0
        ? [`${statements(deltas.cameBack)} began anew and ${deltas.cameBack === 1 ? 'is' : 'are'} counted since then`]
        : []),
      ...(deltas.unknown > 0
        ? [
            `${statements(deltas.unknown)} ${deltas.unknown === 1 ? 'is' : 'are'} left out, since ${deltas.unknown === 1 ? 'its' : 'their'} earlier numbers are not known`,
          ]
        : []),
    ];
    add('gone', 'info', `${parts.join('; ')}.`);
  }
  if (deltas.hidden.entries > 0) {
    const ms = deltas.hidden.totalMs;
    add(
      'hidden',
      'warning',
      `${statements(deltas.hidden.entries)} of other users ${deltas.hidden.entries === 1 ? 'is' : 'are'} hidden from ${about.user}${ms === null ? '' : `; they took ${formatDuration(ms)}`}. What they do cannot be told.`,
      `grant pg_read_all_stats to ${quoteIdentifier(about.user)};`,
    );
  }
  if (after.rest.entries > 0) {
    add(
      'rest',
      'info',
      `${statements(after.rest.entries)} with the least time are counted only: ${formatDuration(after.rest.totalMs)} since statistics were reset.`,
    );
  }
  if (about.unread !== null) {
    add(
      'texts',
      'warning',
      `The server would not tell the texts of statements (${about.unread}): those that are not known from before are shown by their id. Often one statement of a database in another encoding is the reason.`,
    );
  }
  if (after.tracksNested && after.extensionVersion < 109) {
    add(
      'nested',
      'warning',
      `pg_stat_statements.track is all, and version 1.${after.extensionVersion % 100} of the extension does not tell which statements run inside functions: their time is counted twice in totals and shares.`,
      after.versionNum >= 140_000 ? 'alter extension pg_stat_statements update;' : null,
    );
  }
  if (!about.stored) {
    add('memory', 'info', 'There is no store now: the last snapshots are kept in memory, until Steward ends.');
  }
  return notes;
}

function statements(count: number): string {
  return count === 1 ? '1 statement' : `${formatCount(count)} statements`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${formatCount(count)} times`;
}
