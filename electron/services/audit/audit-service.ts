import { randomBytes } from 'node:crypto';
import { readdir, rename, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import type { AuditCursor, AuditEntry, AuditExportFormat, AuditFilter, AuditPage } from '#contract/audit.ts';
import type { Job } from '#contract/jobs.ts';

import { StewardError, isConnectionLoss, toFailure } from '../../postgres/failure.ts';
import type { StoreKeeper } from '../history/index.ts';
import type { JobsService } from '../jobs/index.ts';
import { LiveValue, pause } from '../live-value.ts';
import { isAlive } from '../settings/index.ts';
import { type AuditDraft, type AuditOrigin, auditEntry } from './audit-entry.ts';
import { type EntryPages, exportPath, writeExport } from './audit-export.ts';
import { matchesFilter, newestFirst, pageOf } from './audit-filter.ts';
import { AuditJournal, type PlacedLine, journalLines, mergedBytes, removeJournal } from './audit-journal.ts';
import { AuditStore, isRefusedByStore } from './audit-store.ts';
import { exportTexts } from './export-text.ts';
import { ChainCheck, type JournalFlaw } from './journal-line.ts';

const batchSize = 100;
const rotateAtBytes = 16 * 1024 * 1024;
const retryMs = 30_000;
/** How long a list waits for a store that is opening before it answers from the journal. */
const patienceMs = 3000;
const exportPageSize = 500;

export interface AuditOptions {
  readonly dataDirectory: string;
  /** This process owns the data folder: the journal is its, and it merges what others left behind. */
  readonly owner: boolean;
  readonly host: string;
  readonly version: string;
  readonly store: StoreKeeper;
  readonly jobs: JobsService;
  /** Takes out secrets that went through this process. */
  readonly redact: (text: string) => string;
  /** Tells the person of something wrong. */
  readonly report: (problem: { readonly title: string; readonly detail: string }) => void;
  readonly log: (message: string, error?: unknown) => void;
  readonly reveal?: ((file: string) => Promise<void>) | undefined;
}

/**
 * What Steward changed on any server: append-only. An entry goes to this machine's journal first and then to the
 * store; while the store is away the journal holds it, and it is merged once the store is back.
 */
export class AuditService implements AsyncDisposable {
  readonly state = new LiveValue<{ readonly recorded: number; readonly pending: number }>({ recorded: 0, pending: 0 });
  readonly #options: AuditOptions;
  readonly #origin: AuditOrigin;
  readonly #journal: AuditJournal;
  readonly #store: AuditStore;
  readonly #stopping = new AbortController();
  readonly #exports = new Map<string, string>();
  /** Entries that could not be written to the journal. */
  #unwritten: AuditEntry[] = [];
  #recorded = 0;
  #journalFailed = false;
  #merging: Promise<void> | undefined;
  #mergeAgain = false;
  #verified = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: AuditOptions) {
    this.#options = options;
    this.#origin = { actor: systemUser(), machine: os.hostname(), host: options.host, version: options.version };
    // One writer a file: a command beside a running Steward writes to one of its own.
    const name = options.owner ? ownerFile : `audit-journal-${process.pid}-${randomBytes(4).toString('hex')}.jsonl`;
    this.#journal = new AuditJournal(path.join(options.dataDirectory, name));
    this.#store = new AuditStore(options.store);
  }

  /** Finds what was written before, and merges it when the store comes. */
  async load(): Promise<void> {
    try {
      this.#tellFlaws(this.#journal.file, await this.#journal.load());
    } catch (error) {
      this.#tellJournalFailure(error);
    }
    this.#publish();
    void this.#followStore();
  }

  /** Keeps what was done. Never throws and waits for nothing but one write to a local file. */
  record(draft: AuditDraft): void {
    try {
      const entry = auditEntry(draft, this.#origin, this.#options.redact);
      try {
        this.#journal.append(entry);
      } catch (error) {
        this.#unwritten.push(entry);
        this.#tellJournalFailure(error);
      }
      this.#recorded += 1;
      this.#publish();
      void this.#merge();
    } catch (error) {
      this.#options.log('An entry of the audit was not kept', error);
    }
  }

  /** Entries that the filter finds, newest first; from this machine's journals while the store is away. */
  async list(input: AuditFilter & { before?: AuditCursor | undefined; limit: number }): Promise<AuditPage> {
    const { before, limit, ...filter } = input;
    const away = await this.#whyStoreIsAway();
    if (away === null) {
      try {
        const page = pageOf(await this.#store.find(filter, before, limit + 1), limit);
        return { ...page, source: 'store', reason: null, pending: this.#pending() };
      } catch (error) {
        if (!isAway(error)) throw error;
        return this.#journalPage(filter, before, limit, toFailure(error).message);
      }
    }
    return this.#journalPage(filter, before, limit, away);
  }

  /** Writes what the filter finds to a new file, as a job. */
  async export(
    filter: AuditFilter,
    format: AuditExportFormat,
    wanted?: string,
  ): Promise<{ job: Job; path: string; done: Promise<Job> }> {
    const text = exportTexts[format];
    const target = await exportPath(this.#options.dataDirectory, text.ending, wanted);
    const { job, done } = this.#options.jobs.start(
      { kind: 'export', title: 'Export the audit', connectionId: null },
      async (handle) => {
        handle.progress('Reading the audit');
        return writeExport(await this.#pages(filter), text, target, handle);
      },
    );
    this.#exports.set(job.id, target);
    return { job, path: target, done };
  }

  /** Shows the file of an export of this run. */
  async reveal(jobId: string): Promise<{ path: string; shown: boolean }> {
    const file = this.#exports.get(jobId);
    if (file === undefined || !(await stat(file).catch(() => undefined)))
      throw StewardError.of('not_found', 'The file of this export is not there any more', { hint: 'Export it again.' });
    await this.#options.reveal?.(file);
    return { path: file, shown: this.#options.reveal !== undefined };
  }

  /** Merges what is left while there is a store, and lets go of the journal. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#pending() > 0) void this.#merge();
    await this.#merging;
    this.#stopping.abort();
    clearTimeout(this.#retry);
    if (!this.#options.owner) await this.#journal.removeIfMerged().catch(() => {});
    this.#journal.close();
  }

  // The store comes and goes

  async #followStore(): Promise<void> {
    const { storeState } = this.#options.store;
    for await (const { kind } of storeState.watch(this.#stopping.signal)) {
      if (kind === 'ready') void this.#merge();
      if (kind === 'ready' || kind === 'failed') await this.#verifyOnce();
    }
  }

  async #verifyOnce(): Promise<void> {
    if (this.#verified || !this.#options.owner) return;
    this.#verified = true;
    try {
      this.#tellFlaws(this.#journal.file, await this.#journal.verify());
    } catch (error) {
      this.#options.log('The journal of the audit could not be read', error);
    }
  }

  /** Null when it is there; else why it is not. What was recorded so far is in it when it is. */
  async #whyStoreIsAway(): Promise<string | null> {
    const opened = this.#options.store.entities().then(
      () => null,
      // Why it cannot be had, without the words about a history.
      (error: unknown) => toFailure(error instanceof StewardError && error.cause ? error.cause : error).message,
    );
    const away = await Promise.race([opened, this.#wait(patienceMs).then(() => 'The store is still opening')]);
    if (away === null) await Promise.race([this.#merge(), this.#wait(patienceMs)]);
    return away;
  }

  #wait(milliseconds: number): Promise<void> {
    return pause(milliseconds, this.#stopping.signal);
  }

  // Merging

  /** Never rejects. Runs one at a time; who comes meanwhile is served by one more round. */
  #merge(): Promise<void> {
    this.#mergeAgain = true;
    this.#merging ??= this.#mergeRounds();
    return this.#merging;
  }

  async #mergeRounds(): Promise<void> {
    try {
      do {
        this.#mergeAgain = false;
        await this.#mergeOnce();
      } while (this.#mergeAgain);
    } catch (error) {
      if (!isAway(error)) this.#options.log('The audit was not merged into the store', error);
      this.#retryLater();
    } finally {
      this.#merging = undefined;
      this.#publish();
    }
  }

  async #mergeOnce(): Promise<void> {
    await this.#journal.sync().catch((error: unknown) => this.#tellJournalFailure(error));
    await this.#options.store.entities();
    for (;;) {
      const lines = await this.#journal.unmerged(batchSize);
      if (lines.length === 0) break;
      await this.#addLines(this.#journal.file, lines);
      await this.#journal.advance(lines);
    }
    const unwritten = this.#unwritten.slice(0);
    await this.#add(this.#journal.file, unwritten);
    this.#unwritten = this.#unwritten.slice(unwritten.length);
    if (!this.#options.owner) return;
    await this.#adoptOthers();
    if (this.#journal.sizeBytes > rotateAtBytes)
      await this.#journal.rotate(`audit-journal.${new Date().toISOString().replaceAll(/[-:.]/g, '')}.jsonl`);
  }

  /** Journals of commands that ended without a store. */
  async #adoptOthers(): Promise<void> {
    for (const file of await this.#otherJournals()) {
      if (isAlive(Number(passingFile.exec(path.basename(file))?.[1]))) continue;
      const lines: PlacedLine[] = [];
      for await (const line of journalLines(file, 0, true)) lines.push(line);
      const flaws = flawsOf(lines);
      await this.#addLines(file, lines);
      this.#tellFlaws(file, flaws);
      if (flaws.length === 0) await removeJournal(file);
      else await rename(file, file.replace('audit-journal-', 'audit-journal.kept-'));
    }
  }

  /** A line that was changed is not taken into the store: it stays in the journal, and the person was told. */
  async #addLines(file: string, lines: readonly PlacedLine[]): Promise<void> {
    await this.#add(
      file,
      lines.flatMap(({ line }) => (line?.intact ? [line.entry] : [])),
    );
  }

  async #add(file: string, entries: readonly AuditEntry[]): Promise<void> {
    for (let from = 0; from < entries.length; from += batchSize) {
      const batch = entries.slice(from, from + batchSize);
      try {
        await this.#store.add(batch);
      } catch (error) {
        if (!isRefusedByStore(error)) throw error;
        for (const entry of batch) await this.#addOne(file, entry);
      }
    }
  }

  async #addOne(file: string, entry: AuditEntry): Promise<void> {
    try {
      await this.#store.add([entry]);
    } catch (error) {
      if (!isRefusedByStore(error)) throw error;
      this.#options.report({
        title: 'The store refused an entry of the audit',
        detail: `The entry ${entry.id} of ${entry.at} stays in ${file}. ${toFailure(error).message}`,
      });
    }
  }

  #retryLater(): void {
    if (this.#pending() === 0 || this.#stopping.signal.aborted) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#merge(), retryMs);
    this.#retry.unref();
  }

  // The journals

  async #journalPage(
    filter: AuditFilter,
    before: AuditCursor | undefined,
    limit: number,
    reason: string,
  ): Promise<AuditPage> {
    const { entries, pending } = await this.#journalEntries();
    const found = entries.filter((entry) => matchesFilter(entry, filter, before)).toSorted(newestFirst);
    return { ...pageOf(found, limit), source: 'journal', reason, pending };
  }

  /** Everything that the journals of this data folder hold, merged or not. */
  async #journalEntries(): Promise<{ entries: AuditEntry[]; pending: number }> {
    const all = new Map<string, AuditEntry>(this.#unwritten.map((entry) => [entry.id, entry]));
    let pending = this.#unwritten.length;
    const files = [path.join(this.#options.dataDirectory, ownerFile), ...(await this.#otherJournals())];
    for (const file of files) {
      const merged = await mergedBytes(file);
      for await (const { offset, line } of journalLines(file, 0, true)) {
        if (!line?.intact) continue;
        all.set(line.entry.id, line.entry);
        if (offset >= merged) pending += 1;
      }
    }
    return { entries: [...all.values()], pending };
  }

  async #otherJournals(): Promise<string[]> {
    const names = await readdir(this.#options.dataDirectory).catch(() => []);
    return names.filter((name) => passingFile.test(name)).map((name) => path.join(this.#options.dataDirectory, name));
  }

  /** Pages for an export, all from one source. */
  async #pages(filter: AuditFilter): Promise<EntryPages> {
    const away = await this.#whyStoreIsAway();
    if (away !== null) {
      const { entries } = await this.#journalEntries();
      const found = entries.filter((entry) => matchesFilter(entry, filter)).toSorted(newestFirst);
      return { total: found.length, source: 'journal', pages: [found] };
    }
    return { total: await this.#store.count(filter), source: 'store', pages: this.#storePages(filter) };
  }

  async *#storePages(filter: AuditFilter): AsyncGenerator<readonly AuditEntry[]> {
    let before: AuditCursor | undefined;
    do {
      const page = pageOf(await this.#store.find(filter, before, exportPageSize + 1), exportPageSize);
      yield page.entries;
      before = page.next ?? undefined;
    } while (before);
  }

  // What the person is told

  #pending(): number {
    return this.#journal.pending + this.#unwritten.length;
  }

  #publish(): void {
    this.state.set({ recorded: this.#recorded, pending: this.#pending() });
  }

  #tellJournalFailure(error: unknown): void {
    this.#options.log('The journal of the audit cannot be written', error);
    if (this.#journalFailed) return;
    this.#journalFailed = true;
    this.#options.report({
      title: 'The journal of the audit cannot be written',
      detail: `${this.#journal.file}: ${toFailure(error).message}. Entries go to the store alone: what is done while it is away too is lost when Steward ends.`,
    });
  }

  #tellFlaws(file: string, flaws: readonly JournalFlaw[]): void {
    const [first] = flaws;
    if (!first) return;
    const places = flaws.slice(0, 5).map(({ kind, offset }) => `${flawWords[kind]} at byte ${offset}`);
    const more = flaws.length > 5 ? `, and ${flaws.length - 5} more` : '';
    const crash = flaws.every(({ kind }) => kind === 'damaged');
    this.#options.report({
      title: crash ? 'The journal of the audit has a damaged line' : 'The journal of the audit was changed',
      detail: `${file}: ${places.join(', ')}${more}. ${
        crash
          ? 'A crash in the middle of a write leaves such a line. It stays in the file; it could not be taken into the store.'
          : 'Somebody or something changed the file outside of Steward. Changed lines stay in it and are not taken into the store.'
      }`,
    });
  }
}

const ownerFile = 'audit-journal.jsonl';
const passingFile = /^audit-journal-(\d+)-[0-9a-f]+\.jsonl$/;

const flawWords: Readonly<Record<JournalFlaw['kind'], string>> = {
  damaged: 'a damaged line',
  changed: 'a changed line',
  missing: 'a line is missing, or was put in,',
  cut: 'what was merged is not there as it was',
};

function flawsOf(lines: readonly PlacedLine[]): JournalFlaw[] {
  const check = new ChainCheck();
  return lines.flatMap(({ line, offset }) => check.next(line, offset) ?? []);
}

/** There is no store now, as opposed to one that answers with an error. */
function isAway(error: unknown): boolean {
  return isConnectionLoss(error) || toFailure(error).code === 'store_unavailable';
}

/** The name of the system's user; where the system has none, the number. */
function systemUser(): string {
  try {
    return os.userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
