import type {
  SavedStatementSnapshot,
  StatementDeltasAnswer,
  StatementDetail,
  StatementEvent,
  StatementsState,
} from '#contract/statements.ts';

import type { SqlParser } from '../../postgres/sql-parser/index.ts';
import type { ConnectionsService } from '../connections/index.ts';
import type { StoreKeeper } from '../history/index.ts';
import type { SettingsService } from '../settings/index.ts';
import { counterList, partNames } from './counter-list.ts';
import { together } from './group-statements.ts';
import { SmellFinder } from './smell-finder.ts';
import { SnapshotTaker } from './snapshot-taker.ts';
import { StatementBook } from './statement-book.ts';
import { entryDelta, meanOf } from './statement-deltas.ts';
import { statementSeries } from './statement-series.ts';
import type { SnapshotEntry } from './statement-snapshot.ts';
import { statementsState } from './statements-state.ts';
import { inScope, spanOf, tellWindow, type AskedWindow } from './tell-window.ts';
import { coverageNotes, leaders, numberOf, statementRow } from './window-report.ts';

export interface StatementsOptions {
  readonly connections: ConnectionsService;
  readonly parser: SqlParser;
  readonly store: StoreKeeper;
  readonly settings: SettingsService;
}

/** Statistics of statements: whether they are there, looks at them, and what happened between two looks. */
export class StatementsService {
  readonly #connections: ConnectionsService;
  readonly #book: StatementBook;
  readonly #taker: SnapshotTaker;
  readonly #smells: SmellFinder;

  constructor({ connections, parser, store, settings }: StatementsOptions) {
    this.#connections = connections;
    this.#book = new StatementBook(store);
    this.#taker = new SnapshotTaker(connections, settings, this.#book);
    this.#smells = new SmellFinder(parser);
  }

  /** Whether statements can be read, and what is to be done where not. */
  async state(connectionId: string, signal?: AbortSignal): Promise<StatementsState> {
    return statementsState(await this.#connections.reader(connectionId), signal);
  }

  /** Looks at all counters now and keeps them. Calls at the same time share one look. */
  snapshot(connectionId: string): Promise<SavedStatementSnapshot> {
    return this.#taker.take(connectionId);
  }

  /** Newest first. */
  async snapshots(connectionId: string, limit: number): Promise<SavedStatementSnapshot[]> {
    return this.#book.list(this.#taker.ownerOf(connectionId), limit);
  }

  /** A snapshot every so often until the signal aborts. Several watchers of one connection share them. */
  watch(connectionId: string, everySeconds: number, signal?: AbortSignal): AsyncGenerator<StatementEvent> {
    return this.#taker.watch(connectionId, everySeconds, signal);
  }

  /** What happened in a window. */
  async deltas(
    input: AskedWindow & { readonly search?: string | undefined; readonly limit: number },
  ): Promise<StatementDeltasAnswer> {
    const told = await tellWindow(this.#book, this.#taker, input);
    const { owner, chosen, after, deltas, totals } = told;
    const { meta } = after;
    const search = input.search?.trim() ?? '';
    let wanted = told.groups;
    if (search !== '') {
      const found = await this.#book.search(owner, search);
      wanted = wanted.filter(({ queryId }) => found.has(queryId) || queryId === search);
    }
    const shown = leaders(wanted, input.limit, meta.timesIo);
    const texts = await this.#book.texts(
      owner,
      shown.map(({ queryId }) => queryId),
    );
    const rows = [];
    for (const group of shown) {
      const sql = texts.get(group.queryId)?.sql ?? null;
      const smells = await this.#smells.smellsOf(group, told, sql);
      rows.push(statementRow(group, meta, { sql, clientMs: totals.totalMs, smells }));
    }
    const clients = told.groups.filter(({ nested }) => nested !== true);
    const top = clients
      .map(({ execution }) => execution.total)
      .toSorted((a, b) => b - a)
      .slice(0, 10)
      .reduce((sum, ms) => sum + ms, 0);
    return {
      covered: {
        fromId: chosen.from?.id ?? null,
        toId: chosen.to.id,
        from: deltas.fromMs === null ? null : new Date(deltas.fromMs).toISOString(),
        to: new Date(deltas.toMs).toISOString(),
        spanMs: spanOf(deltas),
        fallback: chosen.fallback,
      },
      notes: coverageNotes(deltas, meta, {
        isReset: chosen.from === null,
        fallback: chosen.fallback,
        off: chosen.off,
        user: this.#connections.get(input.connectionId).user,
        stored: chosen.to.saved.stored,
        unread: this.#taker.whyUnread(input.connectionId),
      }),
      totals: {
        statements: told.groups.length,
        calls: totals.calls,
        totalMs: totals.totalMs,
        topShare: totals.totalMs > 0 ? Math.min(1, top / totals.totalMs) : null,
        smells: rows.filter(({ smells }) => smells.length > 0).length,
      },
      rows,
      omitted: wanted.length - rows.length,
      comparedWith: told.previousSpan,
      tracksPlanning: meta.tracksPlanning,
      timesIo: meta.timesIo,
      blockBytes: meta.blockBytes,
    };
  }

  /** Everything about one statement in a window. */
  async statement(
    input: AskedWindow & { readonly queryId: string; readonly nested: boolean | null },
  ): Promise<StatementDetail> {
    const told = await tellWindow(this.#book, this.#taker, input);
    const { owner, after } = told;
    const isIt = ({ queryId, nested }: { queryId: string; nested: boolean | null }): boolean =>
      queryId === input.queryId && (nested === true) === (input.nested === true);
    const text = (await this.#book.texts(owner, [input.queryId])).get(input.queryId);
    const group = told.groups.find(isIt);
    const sql = text?.sql ?? null;
    const smells = group === undefined ? [] : await this.#smells.smellsOf(group, told, sql);
    const isWanted = (entry: SnapshotEntry): boolean => isIt(entry) && inScope(entry, after, input.ownDatabase);
    // A statement that did nothing in the window still has its totals.
    const whole = after.entries.filter(isWanted);
    const counted =
      group ??
      (whole.length === 0 ? undefined : together(whole.map((entry) => entryDelta(entry, entry, 'difference'))));
    return {
      queryId: input.queryId,
      nested: input.nested,
      sql,
      sqlOmitted: text?.omitted ?? 0,
      explainable: whole.some(({ databaseId }) => databaseId === after.meta.databaseId) && (text?.omitted ?? 1) === 0,
      row: group === undefined ? null : statementRow(group, after.meta, { sql, clientMs: told.totals.totalMs, smells }),
      counters: counted === undefined ? [] : counterList(counted),
      parts: (group?.parts ?? [])
        .map((part) => ({
          ...partNames(part, after.meta),
          status: part.status,
          calls: part.execution.count,
          totalMs: part.execution.total,
          meanMs: meanOf(part.execution),
          rows: numberOf(part, 'rows') ?? 0,
        }))
        .toSorted((a, b) => b.totalMs - a.totalMs),
      smells,
      series: await statementSeries(this.#book, told, isWanted),
      blockBytes: after.meta.blockBytes,
    };
  }
}
