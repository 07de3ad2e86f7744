import { setImmediate as breathe, setTimeout as wait } from 'node:timers/promises';

import type { SavedStatementSnapshot, StatementEvent } from '#contract/statements.ts';

import type { CatalogReader } from '../../postgres/catalog-reader.ts';
import { isConnectionLoss, toFailure } from '../../postgres/failure.ts';
import { type ConnectionsService, targetOf } from '../connections/index.ts';
import { redactSecrets } from '../query/index.ts';
import type { SettingsService } from '../settings/index.ts';
import { readSnapshot } from './read-snapshot.ts';
import type { SnapshotOwner, StatementBook, StatementText } from './statement-book.ts';
import { requireInstalled } from './statements-state.ts';
import { maxText, textsSql, type Installed, type TextRow } from './statements-sql.ts';

/** Texts that are asked for at once: each look at them makes the server read its file of texts. */
const textsAtOnce = 1000;

/** Looks at the counters of servers and keeps what it saw: one look at a time for each connection. */
export class SnapshotTaker {
  readonly #connections: ConnectionsService;
  readonly #settings: SettingsService;
  readonly #book: StatementBook;
  /** Looks that are under way, so that several windows share one. */
  readonly #taking = new Map<string, Promise<SavedStatementSnapshot>>();
  /** The last look of this process, by connection. */
  readonly #newest = new Map<string, { readonly atMs: number; readonly saved: SavedStatementSnapshot }>();
  /** Why texts could not be read at the last look, by connection. */
  readonly #unread = new Map<string, string>();

  constructor(connections: ConnectionsService, settings: SettingsService, book: StatementBook) {
    this.#connections = connections;
    this.#settings = settings;
    this.#book = book;
    connections.onClose((id) => {
      this.#newest.delete(id);
      this.#unread.delete(id);
    });
  }

  /** Whose snapshots are those of a connection, as it is now. */
  ownerOf(connectionId: string): SnapshotOwner {
    return { connectionId, target: targetOf(this.#connections.get(connectionId)) };
  }

  /** In the server's words why it would not tell texts at the last look; null where it did. */
  whyUnread(connectionId: string): string | null {
    return this.#unread.get(connectionId) ?? null;
  }

  /** Looks at all counters now and keeps them. Calls at the same time share one look. */
  take(connectionId: string): Promise<SavedStatementSnapshot> {
    const taking = this.#taking.get(connectionId);
    if (taking !== undefined) return taking;
    const look = this.#look(connectionId).finally(() => this.#taking.delete(connectionId));
    this.#taking.set(connectionId, look);
    return look;
  }

  /** A snapshot every so often until the signal aborts. Several watchers of one connection share them. */
  async *watch(connectionId: string, everySeconds: number, signal?: AbortSignal): AsyncGenerator<StatementEvent> {
    await this.#connections.database(connectionId);
    const everyMs = everySeconds * 1000;
    let told: string | null = null;
    while (signal?.aborted !== true) {
      const newest = this.#newest.get(connectionId);
      const ageMs = newest === undefined ? Infinity : Date.now() - newest.atMs;
      let isFailed = false;
      try {
        const snapshot = newest !== undefined && ageMs < 0.9 * everyMs ? newest.saved : await this.take(connectionId);
        if (snapshot.id !== told) yield { kind: 'snapshot', snapshot };
        told = snapshot.id;
      } catch (error) {
        isFailed = true;
        yield { kind: 'failed', at: new Date().toISOString(), failure: toFailure(error) };
      }
      const after = this.#newest.get(connectionId);
      // What failed is not tried again at once.
      const restMs = after === undefined || isFailed ? everyMs : everyMs - (Date.now() - after.atMs);
      await wait(Math.max(1000, restMs), undefined, signal ? { signal, ref: false } : { ref: false }).catch(() => {});
    }
  }

  async #look(connectionId: string): Promise<SavedStatementSnapshot> {
    const owner = this.ownerOf(connectionId);
    const reader = await this.#connections.reader(connectionId);
    const installed = await requireInstalled(reader);
    const snapshot = await readSnapshot(reader, installed);
    const queryIds = snapshot.entries.map(({ queryId }) => queryId);
    const historyDays = this.#settings.current.historyDays;
    this.#unread.delete(connectionId);
    try {
      await this.#keepTexts(owner, reader, installed, queryIds);
    } catch (error) {
      // One text that another database has in another encoding, and the server tells none. The counters are good.
      if (isConnectionLoss(error)) throw error;
      this.#unread.set(connectionId, toFailure(error).message);
    }
    const saved = await this.#book.keep(owner, snapshot, historyDays);
    await this.#book.markSeen(owner, queryIds, historyDays);
    this.#newest.set(connectionId, { atMs: Date.now(), saved });
    return saved;
  }

  /** Asks for the texts that are not kept yet, and keeps them without their secrets. */
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
}
