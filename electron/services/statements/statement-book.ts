import type { SavedStatementSnapshot } from '#contract/statements.ts';

import { StewardError, toFailure } from '../../postgres/failure.ts';
import type { StoreKeeper } from '../history/index.ts';
import { packSnapshot, unpackSeries, unpackSnapshot, type PackedSnapshot } from './pack-snapshot.ts';
import { knownReset, type SnapshotEntry, type SnapshotMeta, type StatementSnapshot } from './statement-snapshot.ts';
import { snapshotsToDrop } from './thin-out.ts';

/** Whose snapshots: a connection, and the place that it led to then. */
export interface SnapshotOwner {
  readonly connectionId: string;
  readonly target: string;
}

export interface StatementText {
  readonly queryId: string;
  /** Secrets taken out. */
  readonly sql: string;
  /** Characters that were cut. */
  readonly omitted: number;
}

/** Snapshots that stay in memory while there is no store, of all connections together. */
const mostInMemory = 8;
/** Snapshots that are unpacked and at hand: those that a window is told from. */
const mostAtHand = 4;
/** Characters of texts in memory while there is no store. */
const mostTextInMemory = 8_000_000;
/** Texts that are kept of each server, those seen last. */
export const mostTexts = 20_000;
/** Texts that are seen are marked so this often: they are deleted when they were not seen for long. */
const markEveryMs = 6 * 3_600_000;

interface InMemory {
  readonly id: string;
  readonly owner: SnapshotOwner;
  readonly packed: PackedSnapshot;
}

/** Snapshots and texts in the store; a few in memory while that is away. */
export class StatementBook {
  readonly #store: StoreKeeper;
  readonly #inMemory: InMemory[] = [];
  readonly #atHand = new Map<string, StatementSnapshot>();
  readonly #textsInMemory = new Map<string, StatementText>();
  #textInMemory = 0;
  /** Ids whose texts are in the store, by owner, and when they were marked as seen. */
  readonly #known = new Map<string, { readonly ids: Set<string>; markedAtMs: number }>();
  #nextId = 0;

  constructor(store: StoreKeeper) {
    this.#store = store;
  }

  /** Keeps a snapshot and deletes those that are between others of their age. Never throws for want of a store. */
  async keep(owner: SnapshotOwner, snapshot: StatementSnapshot, historyDays: number): Promise<SavedStatementSnapshot> {
    const packed = await packSnapshot(snapshot);
    let id: string;
    let stored = true;
    try {
      id = await this.#insert(owner, packed);
      await this.#thinOut(owner, snapshot.meta.takenAtMs, historyDays);
    } catch (error) {
      if (toFailure(error).code !== 'store_unavailable') throw error;
      this.#nextId += 1;
      id = `m${this.#nextId}`;
      stored = false;
      this.#inMemory.push({ id, owner, packed });
      this.#inMemory.splice(0, Math.max(0, this.#inMemory.length - mostInMemory));
    }
    this.#putAtHand(id, snapshot);
    return savedSnapshot(id, packed.meta, stored);
  }

  /** Newest first. */
  async list(owner: SnapshotOwner, limit: number): Promise<SavedStatementSnapshot[]> {
    const here = this.#inMemory
      .filter((one) => isOwner(one.owner, owner))
      .map(({ id, packed }) => savedSnapshot(id, packed.meta, false));
    const stored = await this.#rows<{ id: string; meta: PackedSnapshot['meta'] }>(
      `select id, meta - 'users' - 'databases' as meta
         from steward.statement_snapshots
        where connection_id = $1 and target = $2
        order by taken_at desc, id desc
        limit $3`,
      [owner.connectionId, owner.target, limit],
    );
    return [...here, ...(stored ?? []).map(({ id, meta }) => savedSnapshot(id, meta, true))]
      .toSorted((a, b) => b.takenAt.localeCompare(a.takenAt))
      .slice(0, limit);
  }

  /** A snapshot with all its numbers. */
  async load(owner: SnapshotOwner, id: string): Promise<StatementSnapshot> {
    const atHand = this.#atHand.get(id);
    if (atHand !== undefined) {
      this.#putAtHand(id, atHand);
      return atHand;
    }
    const packed =
      this.#inMemory.find((one) => one.id === id && isOwner(one.owner, owner))?.packed ??
      (/^\d{1,18}$/.test(id)
        ? await this.#withStore(async ({ em, records }) => {
            const record = await em.findOne(records.StatementSnapshotRecord, { id: BigInt(id), ...owner });
            return record && packedOf(record);
          })
        : null);
    if (!packed) throw StewardError.of('not_found', 'This snapshot is not kept any more');
    const snapshot = await unpackSnapshot(packed);
    this.#putAtHand(id, snapshot);
    return snapshot;
  }

  /** Calls and total times only, of these snapshots, in the order asked for. What is gone is left out. */
  async *series(
    owner: SnapshotOwner,
    ids: readonly string[],
  ): AsyncGenerator<{ readonly meta: SnapshotMeta; readonly entries: readonly SnapshotEntry[] }> {
    for (const id of ids) {
      const here = this.#inMemory.find((one) => one.id === id && isOwner(one.owner, owner))?.packed;
      const packed =
        here ??
        (/^\d{1,18}$/.test(id)
          ? await this.#withStore(async ({ em, records }) => {
              const record = await em.findOne(
                records.StatementSnapshotRecord,
                { id: BigInt(id), ...owner },
                { fields: ['meta', 'head'] },
              );
              return record && { meta: record.meta as PackedSnapshot['meta'], head: record.head };
            })
          : null);
      if (packed) yield { meta: packed.meta, entries: await unpackSeries(packed) };
    }
  }

  /** Those of the ids whose texts are not kept yet. */
  async unknownTexts(owner: SnapshotOwner, queryIds: readonly string[]): Promise<string[]> {
    const known = await this.#knownTexts(owner);
    return [...new Set(queryIds)].filter((id) => !known.has(id) && !this.#textsInMemory.has(textKey(owner, id)));
  }

  async keepTexts(owner: SnapshotOwner, texts: readonly StatementText[]): Promise<void> {
    if (texts.length === 0) return;
    const kept = await this.#withStore(async ({ em, records }) => {
      await em.upsertMany(
        records.StatementTextRecord,
        texts.map((text) => ({ ...owner, ...text, seenAt: new Date() })),
        { batchSize: 500 },
      );
      return true;
    });
    if (kept === null) {
      for (const text of texts) this.#rememberText(owner, text);
      return;
    }
    const known = await this.#knownTexts(owner);
    for (const { queryId } of texts) known.add(queryId);
  }

  /** The texts of some statements, by id. */
  async texts(owner: SnapshotOwner, queryIds: readonly string[]): Promise<Map<string, StatementText>> {
    const wanted = [...new Set(queryIds)];
    const texts = new Map<string, StatementText>();
    for (const id of wanted) {
      const text = this.#textsInMemory.get(textKey(owner, id));
      if (text !== undefined) texts.set(id, text);
    }
    const found = await this.#rows<StatementText>(
      `select query_id as "queryId", sql, omitted
         from steward.statement_texts
        where connection_id = $1 and target = $2 and query_id = any ($3)`,
      [owner.connectionId, owner.target, wanted],
    );
    for (const text of found ?? []) texts.set(text.queryId, text);
    return texts;
  }

  /** Texts whose SQL has the words in it. */
  async search(owner: SnapshotOwner, words: string): Promise<Set<string>> {
    const lower = words.toLowerCase();
    const prefix = textKey(owner, '');
    const found = new Set(
      [...this.#textsInMemory]
        .filter(([key, { sql }]) => key.startsWith(prefix) && sql.toLowerCase().includes(lower))
        .map(([, { queryId }]) => queryId),
    );
    const rows = await this.#rows<{ queryId: string }>(
      `select query_id as "queryId"
         from steward.statement_texts
        where connection_id = $1 and target = $2 and position($3 in lower(sql)) > 0`,
      [owner.connectionId, owner.target, lower],
    );
    for (const { queryId } of rows ?? []) found.add(queryId);
    return found;
  }

  /** Marks texts as seen, so that they stay; deletes what nobody has seen for long, and what is too many. */
  async markSeen(owner: SnapshotOwner, queryIds: readonly string[], historyDays: number): Promise<void> {
    const known = this.#known.get(textKey(owner, ''));
    if (known === undefined || Date.now() - known.markedAtMs < markEveryMs) return;
    known.markedAtMs = Date.now();
    const own = 'connection_id = $1 and target = $2';
    const values = [owner.connectionId, owner.target];
    await this.#rows(`update steward.statement_texts set seen_at = now() where ${own} and query_id = any ($3)`, [
      ...values,
      [...new Set(queryIds)],
    ]);
    const dropped = await this.#rows<{ queryId: string }>(
      `delete from steward.statement_texts
        where ${own}
          and (
            seen_at < now() - $3 * interval '1 day'
            or query_id in (select query_id from steward.statement_texts where ${own} order by seen_at desc offset $4)
          )
        returning query_id as "queryId"`,
      [...values, historyDays, mostTexts],
    );
    for (const { queryId } of dropped ?? []) known.ids.delete(queryId);
  }

  async #insert(owner: SnapshotOwner, packed: PackedSnapshot): Promise<string> {
    const { em, records } = await this.#store.entities();
    const { meta, head, body } = packed;
    return String(
      await em.insert(records.StatementSnapshotRecord, {
        ...owner,
        takenAt: new Date(meta.takenAtMs),
        statements: meta.packed.entries,
        totalMs: meta.packed.totalMs,
        meta,
        head,
        body,
      }),
    );
  }

  async #thinOut(owner: SnapshotOwner, nowMs: number, historyDays: number): Promise<void> {
    const found = await this.#rows<{ id: string; takenAtMs: number }>(
      `select id, extract(epoch from taken_at)::float8 * 1000 as "takenAtMs"
         from steward.statement_snapshots
        where connection_id = $1 and target = $2`,
      [owner.connectionId, owner.target],
    );
    const drop = snapshotsToDrop(found ?? [], nowMs, historyDays);
    if (drop.length === 0) return;
    await this.#rows('delete from steward.statement_snapshots where id = any ($1)', [drop]);
    for (const id of drop) this.#atHand.delete(id);
  }

  async #knownTexts(owner: SnapshotOwner): Promise<Set<string>> {
    const key = textKey(owner, '');
    const known = this.#known.get(key);
    if (known !== undefined) return known.ids;
    const found = await this.#rows<{ queryId: string }>(
      'select query_id as "queryId" from steward.statement_texts where connection_id = $1 and target = $2',
      [owner.connectionId, owner.target],
    );
    if (found === null) return new Set();
    const ids = new Set(found.map(({ queryId }) => queryId));
    this.#known.set(key, { ids, markedAtMs: 0 });
    return ids;
  }

  /**
   * Plain rows, without making an object of the store of each: there are thousands of them every minute. Null while
   * there is no store.
   */
  async #rows<Row extends object>(sql: string, values: readonly unknown[]): Promise<Row[] | null> {
    return await this.#withStore(async ({ em }) => {
      const pool = await em.getConnection().getNativeClient();
      return (await pool.query<Row>(sql, [...values])).rows;
    });
  }

  /** What the store answers; null while there is none. */
  async #withStore<Value>(
    work: (store: Awaited<ReturnType<StoreKeeper['entities']>>) => Promise<Value>,
  ): Promise<Value | null> {
    let store;
    try {
      store = await this.#store.entities();
    } catch (error) {
      if (toFailure(error).code === 'store_unavailable') return null;
      throw error;
    }
    return await work(store);
  }

  #putAtHand(id: string, snapshot: StatementSnapshot): void {
    this.#atHand.delete(id);
    this.#atHand.set(id, snapshot);
    for (const oldest of this.#atHand.keys()) {
      if (this.#atHand.size <= mostAtHand) break;
      this.#atHand.delete(oldest);
    }
  }

  #rememberText(owner: SnapshotOwner, text: StatementText): void {
    if (this.#textInMemory + text.sql.length > mostTextInMemory) return;
    this.#textInMemory += text.sql.length;
    this.#textsInMemory.set(textKey(owner, text.queryId), text);
  }
}

function isOwner(one: SnapshotOwner, other: SnapshotOwner): boolean {
  return one.connectionId === other.connectionId && one.target === other.target;
}

function textKey({ connectionId, target }: SnapshotOwner, queryId: string): string {
  return `${connectionId}\n${target}\n${queryId}`;
}

function packedOf(record: { meta: unknown; head: Uint8Array; body: Uint8Array }): PackedSnapshot {
  return { meta: record.meta as PackedSnapshot['meta'], head: record.head, body: record.body };
}

function savedSnapshot(id: string, meta: PackedSnapshot['meta'], stored: boolean): SavedStatementSnapshot {
  const reset = knownReset(meta.statsResetMs);
  return {
    id,
    takenAt: new Date(meta.takenAtMs).toISOString(),
    statements: meta.packed.entries + meta.rest.entries,
    totalMs: meta.packed.totalMs,
    serverStartedAt: new Date(meta.serverStartedMs).toISOString(),
    statsResetAt: reset === null ? null : new Date(reset).toISOString(),
    evictions: meta.evictions,
    stored,
  };
}
