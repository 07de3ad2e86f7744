import type { FleetSnapshot } from '#contract/fleet.ts';
import type { SecretsState } from '#contract/secrets.ts';

import { toFailure } from '../../postgres/failure.ts';
import type { BackupsService } from '../backups/index.ts';
import { type ConnectionsService, targetOf } from '../connections/index.ts';
import type { StoreKeeper } from '../history/index.ts';
import type { JobsService } from '../jobs/index.ts';
import { LiveValue, pause } from '../live-value.ts';
import type { MigrationsService } from '../migrations/index.ts';
import { redactFailure } from '../secrets/index.ts';
import type { SettingsService } from '../settings/index.ts';
import { untilAborted } from '../until-aborted.ts';
import { backupsByConnection, keepSamples, newestReports, recentSamples, sampleKey } from './fleet-book.ts';
import { type CannotTell, readFleetFacts } from './fleet-facts.ts';
import { FleetFile, type KeptSample, type RememberedRow } from './fleet-file.ts';
import { sampleDay } from './growth.ts';
import { hiddenThings } from './hidden-things.ts';
import { type RowState, dueAt, newRow, reachAfter } from './row-state.ts';
import { type Book, shownRow } from './shown-row.ts';
import { Slots } from './slots.ts';

/** Sessions at a time, over all servers. */
const sessionsAtOnce = 4;
/** For the connection, and for each statement, ms. */
const stepTimeoutMs = 5000;
/** For a whole row, whatever its tunnels, hosts and statements take, ms. */
const rowTimeoutMs = 10_000;
/** A catalog that somebody has locked is not waited for, ms. */
const lockTimeoutMs = 1000;
/** Rows that are due so soon are checked together, ms. */
const togetherMs = 5000;
/** How long a check waits for the store before it answers without, ms. */
const storePatienceMs = 2000;
/** At most so many snapshots a second leave, ms between two. */
const publishMs = 100;

export interface FleetOptions {
  readonly dataDirectory: string;
  readonly connections: ConnectionsService;
  readonly settings: SettingsService;
  readonly secrets: LiveValue<SecretsState>;
  readonly store: StoreKeeper;
  readonly backups: BackupsService;
  readonly migrations: MigrationsService;
  readonly jobs: JobsService;
  /** Takes secrets out of what a server or a tool said. */
  readonly redact: (text: string) => string;
  readonly log: (message: string, error?: unknown) => void;
  /** False for a command line: the file belongs to the host of the data folder. */
  readonly writesFile: boolean;
}

/** All connections at a glance: a short look at each, four at a time, in the background only while somebody watches. */
export class FleetService implements AsyncDisposable {
  readonly snapshot = new LiveValue<FleetSnapshot>({ rows: [], running: null, refreshSeconds: 300 });
  readonly #options: FleetOptions;
  readonly #file: FleetFile;
  readonly #slots = new Slots(sessionsAtOnce);
  readonly #rows = new Map<string, RowState>();
  readonly #checks = new Map<string, Promise<void>>();
  readonly #ended = new AbortController();
  /** Samples that the store has not taken yet. */
  #samples: KeptSample[] = [];
  #book: Book = { reports: new Map(), backups: null, samples: new Map() };
  #reading: Promise<void> | undefined;
  #writing: Promise<void> | undefined;
  #progress = { done: 0, total: 0 };
  #watchers = 0;
  #background: AbortController | undefined;
  #next: NodeJS.Timeout | undefined;
  #publishing: NodeJS.Timeout | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#file = new FleetFile(options.dataDirectory);
  }

  async load(): Promise<void> {
    const { rows, samples } = await this.#file.read(this.#options.settings.onUnreadable);
    this.#samples = samples;
    const { connections, jobs } = this.#options;
    const remembered = new Map(Object.entries(rows));
    this.#sync(remembered);
    void this.#follow(connections.list, () => this.#sync(remembered));
    void this.#follow(this.#options.secrets, ({ locked }) => {
      if (!locked) this.#unlocked();
    });
    let running = 0;
    void this.#follow(jobs.jobs, (all) => {
      const before = running;
      running = all.filter(({ state }) => state === 'running').length;
      // A backup or a migration has ended: what is known of them has changed.
      if (running < before && this.#watchers > 0) void this.#readBook();
    });
  }

  /** The rows now and after every change. As long as it is read, the connections are checked in the background. */
  async *watch(signal: AbortSignal | undefined): AsyncGenerator<FleetSnapshot> {
    this.#watchers += 1;
    void this.#readBook();
    this.#publish();
    this.#schedule();
    try {
      yield* this.snapshot.watch(signal, publishMs);
    } finally {
      this.#watchers -= 1;
      if (this.#watchers === 0) {
        clearTimeout(this.#next);
        this.#background?.abort();
      }
    }
  }

  /** Checks connections now, also those that wait for a person. Resolves when all are checked or the signal aborts. */
  async refresh(input: { ids?: readonly string[] | undefined }, signal?: AbortSignal): Promise<{ checked: number }> {
    for (const id of input.ids ?? []) this.#options.connections.get(id);
    const ids = [...new Set(input.ids ?? this.#rows.keys())].filter((id) => this.#rows.has(id));
    await this.#checkAll(ids, signal ? AbortSignal.any([signal, this.#ended.signal]) : this.#ended.signal);
    signal?.throwIfAborted();
    await Promise.race([this.#readBook(), pause(storePatienceMs)]);
    this.#publish();
    this.#schedule();
    return { checked: ids.length };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    clearTimeout(this.#next);
    clearTimeout(this.#publishing);
    await Promise.allSettled([...this.#checks.values(), this.#reading]);
    await this.#writing;
  }

  get #intervalMs(): number {
    return this.#options.settings.current.fleetRefreshSeconds * 1000;
  }

  async #follow<Value>(value: LiveValue<Value>, use: (value: Value) => void): Promise<void> {
    for await (const next of value.watch(this.#ended.signal)) use(next);
  }

  /** The secrets file was opened: what waited for it is worth a try. */
  #unlocked(): void {
    for (const row of this.#rows.values())
      if (row.reach.kind === 'asks' && row.reach.failure.question?.kind === 'unlock') row.due = true;
    this.#schedule();
  }

  /** Takes over what was added, edited, opened and removed. */
  #sync(remembered: Map<string, RememberedRow>): void {
    const { connections } = this.#options;
    const entries = connections.list.value;
    const ids = new Set(entries.map(({ id }) => id));
    for (const id of this.#rows.keys()) if (!ids.has(id)) this.#rows.delete(id);
    for (const { id, state } of entries) {
      const connection = connections.get(id);
      const row = this.#rows.get(id);
      if (!row) {
        this.#rows.set(id, newRow(connection, remembered.get(id)));
        remembered.delete(id);
      } else if (row.connection !== connection) {
        // Edited: what was read may be of another server, and a new password is worth a try.
        const edited = newRow(connection, row);
        const asked = row.reach.kind === 'asks' || row.reach.kind === 'unreachable';
        this.#rows.set(id, { ...edited, due: asked, checking: row.checking, open: row.open });
      }
      const now = this.#rows.get(id);
      const open = state.kind === 'open';
      // Somebody got in: whatever kept a check from it is over.
      if (now && open && !now.open && now.reach.kind !== 'reached') now.due = true;
      if (now) now.open = open;
    }
    this.#publishSoon();
    this.#schedule();
  }

  /** Plans the next background check. One timer; none while nobody watches or a check runs. */
  #schedule(): void {
    clearTimeout(this.#next);
    if (this.#watchers === 0 || this.#background || this.#ended.signal.aborted) return;
    const times = [...this.#rows.values()].map((row) => dueAt(row, this.#intervalMs)).filter(Number.isFinite);
    if (times.length === 0) return;
    const waitMs = Math.max(0, Math.min(...times) - Date.now());
    // A longer wait than 2^31 ms would fire at once.
    this.#next = setTimeout(() => void this.#checkDue(), Math.min(waitMs, 86_400_000));
    this.#next.unref();
  }

  async #checkDue(): Promise<void> {
    const until = Date.now() + togetherMs;
    const ids = [...this.#rows].filter(([, row]) => dueAt(row, this.#intervalMs) <= until).map(([id]) => id);
    const background = new AbortController();
    this.#background = background;
    await this.#checkAll(ids, AbortSignal.any([background.signal, this.#ended.signal]));
    this.#background = undefined;
    await this.#readBook();
    this.#schedule();
  }

  async #checkAll(ids: readonly string[], signal: AbortSignal): Promise<void> {
    // Those that did not answer last time come last: what they wait for delays nobody.
    const slow = (id: string) => Number(this.#rows.get(id)?.reach.kind === 'unreachable');
    const ordered = ids.toSorted((left, right) => slow(left) - slow(right));
    this.#progress.total += ordered.length;
    for (const id of ordered) {
      const row = this.#rows.get(id);
      if (row?.checking === 'no') row.checking = 'waiting';
    }
    this.#publishSoon();
    await Promise.all(
      ordered.map(async (id) => {
        await this.#checkOnce(id, signal);
        this.#progress.done += 1;
        this.#publishSoon();
      }),
    );
    if (this.#checks.size > 0) return;
    this.#progress = { done: 0, total: 0 };
    if (ordered.length > 0) await this.#remember();
  }

  /** Two that ask for the same row at once share its check. */
  #checkOnce(id: string, signal: AbortSignal): Promise<void> {
    const running = this.#checks.get(id);
    if (running) return running;
    const check = this.#slots
      .run(() => this.#check(id, signal))
      .finally(() => {
        this.#checks.delete(id);
        const row = this.#rows.get(id);
        if (row) row.checking = 'no';
      });
    this.#checks.set(id, check);
    return check;
  }

  async #check(id: string, signal: AbortSignal): Promise<void> {
    const row = this.#rows.get(id);
    if (!row || signal.aborted) return;
    const { connection } = row;
    row.checking = 'running';
    row.due = false;
    this.#publishSoon();
    const outcome = await this.#look(id, signal);
    // Removed or edited meanwhile: the answer is about something else.
    if (outcome === undefined || this.#rows.get(id)?.connection !== connection) return;
    const now = new Date();
    row.triedAt = now.toISOString();
    if ('failure' in outcome) {
      row.reach = reachAfter(row, outcome.failure, now, this.#intervalMs);
      row.failures += 1;
      return;
    }
    const { facts, cannotTell, migrations } = outcome;
    Object.assign(row, {
      reach: { kind: 'reached' },
      failures: 0,
      checkedAt: row.triedAt,
      facts,
      migrations,
      cannotTell,
    });
    if (facts.databaseBytes !== null) this.#sample(row, facts.databaseBytes, row.triedAt);
  }

  /** Undefined where it was cancelled. */
  async #look(id: string, signal: AbortSignal) {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(rowTimeoutMs)]);
    const { connections, migrations, redact } = this.#options;
    const { database } = connections.get(id);
    const options = { applicationName: 'steward fleet', timeoutMs: stepTimeoutMs, lockTimeoutMs, signal: bounded };
    try {
      const look = connections.withShortSession(id, options, async (session) => {
        const { facts, cannotTell } = await readFleetFacts(session);
        const unread: CannotTell[] = [];
        const counts = await migrations.counts(id, session).catch((error: unknown) => {
          unread.push({ what: 'Migrations', reason: redact(toFailure(error).message) });
          return null;
        });
        const slow = new Set(cannotTell.map(({ what }) => what));
        const hidden = hiddenThings(facts, database).filter(({ what }) => !slow.has(what));
        return { facts, migrations: counts, cannotTell: [...cannotTell, ...hidden, ...unread] };
      });
      return await untilAborted(look, bounded);
    } catch (error) {
      return signal.aborted ? undefined : { failure: redactFailure(toFailure(error), redact) };
    }
  }

  /** The first sample of a day is kept. */
  #sample({ connection }: RowState, bytes: number, at: string): void {
    const sample = { connectionId: connection.id, target: targetOf(connection), at, bytes };
    const day = sampleDay(at);
    const known = this.#book.samples.get(sampleKey(sample.connectionId, sample.target)) ?? [];
    const same = ({ connectionId, target, at: other }: KeptSample) =>
      connectionId === sample.connectionId && target === sample.target && sampleDay(other) === day;
    if (this.#samples.some(same) || known.some((one) => sampleDay(one.at) === day)) return;
    this.#samples.push(sample);
  }

  async #remember(): Promise<void> {
    if (!this.#options.writesFile || this.#ended.signal.aborted) return;
    const rows = [...this.#rows].map(
      ([id, { connection: _c, checking: _s, due: _d, open: _o, ...kept }]) => [id, kept] as const,
    );
    this.#writing = this.#file
      .write(new Map(rows), this.#samples)
      .catch((error: unknown) => this.#options.log('the state of the fleet was not kept', error));
    await this.#writing;
  }

  #readBook(): Promise<void> {
    this.#reading ??= this.#readBookOnce().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /** Reads each part by itself: one that is away leaves what was known of it. */
  async #readBookOnce(): Promise<void> {
    const { store, backups } = this.#options;
    const now = new Date();
    const handed = [...this.#samples];
    const [reports, lists, samples] = await Promise.all([
      newestReports(store).catch(() => this.#book.reports),
      backups
        .list()
        .then(backupsByConnection)
        .catch(() => this.#book.backups),
      keepSamples(store, handed)
        .then(() => recentSamples(store, now))
        .then((read) => {
          this.#samples = this.#samples.filter((sample) => !handed.includes(sample));
          return read;
        })
        .catch(() => this.#book.samples),
    ]);
    this.#book = { reports, backups: lists, samples };
    if (!this.#ended.signal.aborted && handed.length > 0) await this.#remember();
    this.#publishSoon();
  }

  #publishSoon(): void {
    if (this.#ended.signal.aborted) return;
    this.#publishing ??= setTimeout(() => this.#publish(), publishMs);
  }

  #publish(): void {
    clearTimeout(this.#publishing);
    this.#publishing = undefined;
    const now = new Date();
    this.snapshot.set({
      rows: this.#options.connections.list.value.flatMap(({ id }) => {
        const row = this.#rows.get(id);
        return row ? [shownRow(row, this.#book, this.#samples, now)] : [];
      }),
      running: this.#checks.size > 0 && this.#progress.total > 0 ? { ...this.#progress } : null,
      refreshSeconds: this.#intervalMs / 1000,
    });
  }
}
