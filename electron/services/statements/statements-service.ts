import { setImmediate as breathe, setTimeout as wait } from 'node:timers/promises';

import type {
  SavedStatementSnapshot,
  StatementDeltasAnswer,
  StatementDetail,
  StatementEvent,
  StatementSmell,
  StatementWindow,
  StatementsState,
} from '#contract/statements.ts';

import type { CatalogReader } from '../../postgres/catalog-reader.ts';
import { StewardError, toFailure } from '../../postgres/failure.ts';
import { quoteIdentifier } from '../../postgres/quote-identifier.ts';
import type { SqlParser, StatementShape } from '../../postgres/sql-parser/index.ts';
import { type ConnectionsService, targetOf } from '../connections/index.ts';
import type { StoreKeeper } from '../history/index.ts';
import { redactSecrets } from '../query/index.ts';
import type { SettingsService } from '../settings/index.ts';
import { chooseWindow, type ChosenWindow } from './choose-window.ts';
import { counterList, partNames } from './counter-list.ts';
import { groupStatements, together, type StatementGroup } from './group-statements.ts';
import { readSnapshot } from './read-snapshot.ts';
import { isMissing, managedWords, setupSteps } from './setup-steps.ts';
import { StatementBook, type SnapshotOwner, type StatementText } from './statement-book.ts';
import { deltaSteps, entryDelta, meanOf, type Moments, type StatementDeltas } from './statement-deltas.ts';
import { statementSmells, wantsShape, type SmellFacts } from './statement-smells.ts';
import { counterAt, type SnapshotEntry, type StatementSnapshot } from './statement-snapshot.ts';
import {
  extensionVersionOf,
  maxText,
  setupSql,
  textsSql,
  type Installed,
  type SetupRow,
  type TextRow,
} from './statements-sql.ts';
import { coverageNotes, leaders, numberOf, statementRow } from './window-report.ts';

export interface StatementsOptions {
  readonly connections: ConnectionsService;
  readonly parser: SqlParser;
  readonly store: StoreKeeper;
  readonly settings: SettingsService;
}

interface Asked {
  readonly connectionId: string;
  readonly window: StatementWindow;
  readonly ownDatabase: boolean;
}

/** What is compared, and what came of it. */
interface Told {
  readonly owner: SnapshotOwner;
  readonly chosen: ChosenWindow<SavedSnapshot>;
  readonly after: StatementSnapshot;
  readonly deltas: StatementDeltas;
  readonly groups: readonly StatementGroup[];
  readonly previous: ReadonlyMap<string, Moments>;
  readonly previousSpan: { readonly from: string; readonly to: string } | null;
  readonly totals: { readonly calls: number; readonly totalMs: number };
}

interface SavedSnapshot {
  readonly id: string;
  readonly takenAtMs: number;
  readonly saved: SavedStatementSnapshot;
}

/** Points of the line that shows how a statement went. */
const seriesPoints = 60;
/** Texts that are asked for at once: each look at them makes the server read its file of texts. */
const textsAtOnce = 1000;
/** Parsed shapes that are remembered, by the text. */
const rememberedShapes = 2000;
const knownSnapshots = 2000;
const readTimeoutMs = 10_000;

/** Statistics of statements: whether they are there, looks at them, and what happened between two looks. */
export class StatementsService {
  readonly #connections: ConnectionsService;
  readonly #parser: SqlParser;
  readonly #settings: SettingsService;
  readonly #book: StatementBook;
  /** Looks that are under way, so that several windows share one. */
  readonly #taking = new Map<string, Promise<SavedStatementSnapshot>>();
  /** The last look of this process, by connection. */
  readonly #newest = new Map<string, { readonly atMs: number; readonly saved: SavedStatementSnapshot }>();
  readonly #shapes = new Map<string, StatementShape | undefined>();

  constructor({ connections, parser, store, settings }: StatementsOptions) {
    this.#connections = connections;
    this.#parser = parser;
    this.#settings = settings;
    this.#book = new StatementBook(store);
    connections.onClose((id) => this.#newest.delete(id));
  }

  /** Whether statements can be read, and what is to be done where not. */
  async state(connectionId: string, signal?: AbortSignal): Promise<StatementsState> {
    const reader = await this.#connections.reader(connectionId);
    let row: SetupRow;
    try {
      row = await readSetup(reader, signal);
    } catch (error) {
      signal?.throwIfAborted();
      return { ...nothingKnown, kind: 'failed', failure: toFailure(error) };
    }
    const { versionNum, user, isSuperuser, database } = reader.server;
    const steps = setupSteps(row, { versionNum, user, isSuperuser, database });
    const state = {
      ...nothingKnown,
      steps,
      managed: managedWords(row.provider),
      extension:
        row.extension_version === null || row.extension_schema === null
          ? null
          : { schema: row.extension_schema, version: row.extension_version },
      maxStatements: row.max_statements === null ? null : Number(row.max_statements),
      tracksPlanning: row.track_planning === 'on',
      timesIo: row.track_io_timing === 'on',
    };
    if (isMissing(steps)) return { ...state, kind: 'missing' };
    try {
      await reader.rows(
        `select from ${quoteIdentifier(installedOf(row).schema)}.pg_stat_statements(false) limit 1`,
        options(signal),
      );
    } catch (error) {
      signal?.throwIfAborted();
      return { ...state, kind: 'failed', failure: toFailure(error) };
    }
    return { ...state, kind: row.reads_all ? 'ready' : 'partial' };
  }

  /** Looks at all counters now and keeps them. Calls at the same time share one look. */
  snapshot(connectionId: string): Promise<SavedStatementSnapshot> {
    const taking = this.#taking.get(connectionId);
    if (taking !== undefined) return taking;
    const look = this.#take(connectionId).finally(() => this.#taking.delete(connectionId));
    this.#taking.set(connectionId, look);
    return look;
  }

  /** Newest first. */
  async snapshots(connectionId: string, limit: number): Promise<SavedStatementSnapshot[]> {
    return this.#book.list(this.#owner(connectionId), limit);
  }

  /** A snapshot every so often until the signal aborts. Several watchers of one connection share them. */
  async *watch(connectionId: string, everySeconds: number, signal?: AbortSignal): AsyncGenerator<StatementEvent> {
    await this.#connections.database(connectionId);
    const everyMs = everySeconds * 1000;
    let told: string | null = null;
    while (signal?.aborted !== true) {
      const newest = this.#newest.get(connectionId);
      const ageMs = newest === undefined ? Infinity : Date.now() - newest.atMs;
      try {
        const snapshot =
          newest !== undefined && ageMs < 0.9 * everyMs ? newest.saved : await this.snapshot(connectionId);
        if (snapshot.id !== told) yield { kind: 'snapshot', snapshot };
        told = snapshot.id;
      } catch (error) {
        yield { kind: 'failed', at: new Date().toISOString(), failure: toFailure(error) };
      }
      const after = this.#newest.get(connectionId);
      const restMs = after === undefined ? everyMs : Math.max(0, everyMs - (Date.now() - after.atMs));
      // What failed is not tried again at once.
      await wait(Math.max(1000, restMs), undefined, signal ? { signal, ref: false } : { ref: false }).catch(() => {});
    }
  }

  /** What happened in a window. */
  async deltas(
    input: Asked & { readonly search?: string | undefined; readonly limit: number },
  ): Promise<StatementDeltasAnswer> {
    const told = await this.#tell(input);
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
      const smells = await this.#smells(group, told, sql);
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
    input: Asked & { readonly queryId: string; readonly nested: boolean | null },
  ): Promise<StatementDetail> {
    const told = await this.#tell(input);
    const { owner, after, chosen } = told;
    const isIt = ({ queryId, nested }: { queryId: string; nested: boolean | null }): boolean =>
      queryId === input.queryId && (nested === true) === (input.nested === true);
    const text = (await this.#book.texts(owner, [input.queryId])).get(input.queryId);
    const group = told.groups.find(isIt);
    const sql = text?.sql ?? null;
    const smells = group === undefined ? [] : await this.#smells(group, told, sql);
    // A statement that did nothing in the window still has its totals.
    const whole = after.entries.filter((entry) => isIt(entry) && inScope(entry, after, input.ownDatabase));
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
      series: await this.#series(owner, chosen, (entry) => isIt(entry) && inScope(entry, after, input.ownDatabase)),
      blockBytes: after.meta.blockBytes,
    };
  }

  #owner(connectionId: string): SnapshotOwner {
    return { connectionId, target: targetOf(this.#connections.get(connectionId)) };
  }

  async #take(connectionId: string): Promise<SavedStatementSnapshot> {
    const owner = this.#owner(connectionId);
    const reader = await this.#connections.reader(connectionId);
    const row = await readSetup(reader);
    const { versionNum, user, isSuperuser, database } = reader.server;
    const todo = setupSteps(row, { versionNum, user, isSuperuser, database }).find(({ state }) => state === 'todo');
    if (todo !== undefined) {
      throw StewardError.of(
        'refused',
        `There are no statistics of statements on this server yet: ${todo.title.toLowerCase()}`,
        {
          hint: todo.sql ?? todo.why,
        },
      );
    }
    const installed = installedOf(row);
    const snapshot = await readSnapshot(reader, installed);
    const queryIds = snapshot.entries.map(({ queryId }) => queryId);
    const historyDays = this.#settings.current.historyDays;
    await this.#keepTexts(owner, reader, installed, queryIds);
    const saved = await this.#book.keep(owner, snapshot, historyDays);
    await this.#book.markSeen(owner, queryIds, historyDays);
    this.#newest.set(connectionId, { atMs: Date.now(), saved });
    return saved;
  }

  async #keepTexts(
    owner: SnapshotOwner,
    reader: CatalogReader,
    installed: Installed,
    queryIds: readonly string[],
  ): Promise<void> {
    const unknown = await this.#book.unknownTexts(owner, queryIds);
    for (let at = 0; at < unknown.length; at += textsAtOnce) {
      const rows = await reader.rows<TextRow>(textsSql(installed), {
        values: [unknown.slice(at, at + textsAtOnce)],
        timeoutMs: 30_000,
        qualifiedNames: true,
      });
      const texts: StatementText[] = [];
      for (const [index, { query_id, query, query_length }] of rows.entries()) {
        if (index % 100 === 99) await breathe();
        texts.push({
          queryId: query_id,
          // A NUL cannot be stored, and a server in SQL_ASCII may send anything.
          sql: redactSecrets(query).replaceAll('\u0000', ''),
          omitted: Math.max(0, query_length - maxText),
        });
      }
      await this.#book.keepTexts(owner, texts);
    }
  }

  async #tell({ connectionId, window, ownDatabase }: Asked): Promise<Told> {
    const owner = this.#owner(connectionId);
    const chosen = await this.#choose(connectionId, owner, window);
    const after = await this.#book.load(owner, chosen.to.id);
    const before = chosen.from === null ? null : await this.#book.load(owner, chosen.from.id);
    const deltas = await deltasBetween(before, after);
    const groups = groupStatements(deltas.entries.filter(({ entry }) => inScope(entry, after, ownDatabase)));
    const earlier =
      deltas.reset === 'none' && before !== null && chosen.previous !== null
        ? await deltasBetween(await this.#book.load(owner, chosen.previous.id), before)
        : null;
    const previous = new Map<string, Moments>();
    const isTold = earlier !== null && earlier.reset === 'none';
    if (isTold) {
      const entries = earlier.entries.filter(
        ({ entry, status }) => status !== 'restarted' && inScope(entry, after, ownDatabase),
      );
      for (const group of groupStatements(entries)) previous.set(groupKey(group), group.execution);
    }
    const clients = groups.filter(({ nested }) => nested !== true);
    return {
      owner,
      chosen,
      after,
      deltas,
      groups,
      previous,
      previousSpan:
        isTold && earlier.fromMs !== null
          ? { from: new Date(earlier.fromMs).toISOString(), to: new Date(earlier.toMs).toISOString() }
          : null,
      totals: {
        calls: clients.reduce((sum, { execution }) => sum + execution.count, 0),
        totalMs: clients.reduce((sum, { execution }) => sum + execution.total, 0),
      },
    };
  }

  async #choose(
    connectionId: string,
    owner: SnapshotOwner,
    window: StatementWindow,
  ): Promise<ChosenWindow<SavedSnapshot>> {
    const list = async () =>
      (await this.#book.list(owner, knownSnapshots)).map((saved) => ({
        id: saved.id,
        takenAtMs: Date.parse(saved.takenAt),
        saved,
      }));
    let snapshots = await list();
    // Without any, or where the newest is from another day, there is nothing to tell of now.
    if (snapshots.length === 0) {
      await this.snapshot(connectionId);
      snapshots = await list();
    }
    const chosen = chooseWindow(snapshots, window);
    if (chosen === undefined) throw StewardError.of('not_found', 'These snapshots are not kept any more');
    return chosen;
  }

  async #smells(group: StatementGroup, told: Told, sql: string | null): Promise<StatementSmell[]> {
    const { meta } = told.after;
    const count = (name: Parameters<typeof numberOf>[1]): number => numberOf(group, name) ?? 0;
    const facts: Omit<SmellFacts, 'shape'> = {
      spanMs: spanOf(told.deltas),
      execution: group.execution,
      planning: group.planning,
      rows: count('rows'),
      blocks: count('sharedHit') + count('sharedRead') + count('localHit') + count('localRead'),
      tempBytes: count('tempWritten') * meta.blockBytes,
      callShare: told.totals.calls > 0 ? group.execution.count / told.totals.calls : 0,
      sql,
      previous: group.status === 'difference' ? (told.previous.get(groupKey(group)) ?? null) : null,
    };
    const shape = wantsShape(facts) && sql !== null ? await this.#shape(sql) : undefined;
    return statementSmells({ ...facts, shape });
  }

  async #shape(sql: string): Promise<StatementShape | undefined> {
    if (this.#shapes.has(sql)) return this.#shapes.get(sql);
    if (this.#shapes.size >= rememberedShapes) this.#shapes.clear();
    const shape = await this.#parser.shape(sql);
    this.#shapes.set(sql, shape);
    await breathe();
    return shape;
  }

  async #series(
    owner: SnapshotOwner,
    { from, to }: ChosenWindow<SavedSnapshot>,
    isWanted: (entry: SnapshotEntry) => boolean,
  ): Promise<StatementDetail['series']> {
    const inWindow = (await this.#book.list(owner, knownSnapshots))
      .map(({ id, takenAt }) => ({ id, atMs: Date.parse(takenAt) }))
      .filter(({ atMs }) => atMs <= to.takenAtMs && (from === null || atMs >= from.takenAtMs))
      .toReversed();
    const series: StatementDetail['series'] = [];
    let before: {
      readonly atMs: number;
      readonly reset: string;
      readonly calls: number;
      readonly totalMs: number;
    } | null = null;
    for await (const { meta, entries } of this.#book.series(
      owner,
      spread(inWindow).map(({ id }) => id),
    )) {
      const mine = entries.filter(isWanted);
      const sum = (at: number): number => mine.reduce((total, { values }) => total + (values[at] ?? 0), 0);
      const reset = String(meta.statsResetMs);
      const now = { atMs: meta.takenAtMs, reset, calls: sum(counterAt.calls), totalMs: sum(counterAt.totalMs) };
      if (before !== null) {
        const calls = now.calls - before.calls;
        const isReset = now.reset !== before.reset || calls < 0 || now.totalMs < before.totalMs;
        series.push({
          at: new Date(now.atMs).toISOString(),
          spanMs: now.atMs - before.atMs,
          calls: isReset ? null : calls,
          meanMs: isReset || calls === 0 ? null : (now.totalMs - before.totalMs) / calls,
        });
      }
      before = now;
    }
    return series;
  }
}

/** What happened between two looks, with room for others in between. */
async function deltasBetween(before: StatementSnapshot | null, after: StatementSnapshot): Promise<StatementDeltas> {
  const steps = deltaSteps(before, after);
  for (;;) {
    const step = steps.next();
    await breathe();
    if (step.done === true) return step.value;
  }
}

const nothingKnown = {
  steps: [],
  managed: null,
  failure: null,
  extension: null,
  maxStatements: null,
  tracksPlanning: false,
  timesIo: false,
};

/** Operators that somebody put into public are not to be run with the rights of whoever looks. */
function options(signal: AbortSignal | undefined): { timeoutMs: number; qualifiedNames: true; signal?: AbortSignal } {
  return { timeoutMs: readTimeoutMs, qualifiedNames: true, ...(signal ? { signal } : {}) };
}

async function readSetup(reader: CatalogReader, signal?: AbortSignal): Promise<SetupRow> {
  const [row] = await reader.rows<SetupRow>(setupSql, options(signal));
  if (row === undefined) throw new Error('the server answered no row about pg_stat_statements');
  return row;
}

function installedOf(row: SetupRow): Installed {
  if (row.extension_schema === null || row.extension_version === null)
    throw new Error('the extension is not installed');
  return { schema: row.extension_schema, version: extensionVersionOf(row.extension_version) };
}

function spanOf({ fromMs, toMs }: StatementDeltas): number | null {
  return fromMs === null ? null : Math.max(0, toMs - fromMs);
}

function inScope({ databaseId }: SnapshotEntry, { meta }: StatementSnapshot, ownDatabase: boolean): boolean {
  return !ownDatabase || databaseId === meta.databaseId;
}

function groupKey({ queryId, nested }: StatementGroup): string {
  return `${queryId}/${nested === true ? 'n' : 't'}`;
}

/** Not more of them than points of a line, evenly, with both ends. */
function spread<Item>(items: readonly Item[]): Item[] {
  if (items.length <= seriesPoints) return [...items];
  const step = (items.length - 1) / (seriesPoints - 1);
  return Array.from({ length: seriesPoints }, (_, at) => items[Math.round(at * step)]).filter(
    (item) => item !== undefined,
  );
}
