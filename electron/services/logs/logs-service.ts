import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Job } from '#contract/jobs.ts';
import type { LogExportFormat, LogImport, LogPlan, LogReport, LogSample, LogStatement } from '#contract/logs.ts';

import { StewardError } from '../../postgres/failure.ts';
import type { SqlParser } from '../../postgres/sql-parser/index.ts';
import type { StoreKeeper } from '../history/index.ts';
import type { JobHandle, JobsService } from '../jobs/index.ts';
import { importInWorker } from './import-in-worker.ts';
import { LogBook } from './log-book.ts';
import { statementsCsv, statementsJson } from './log-export.ts';
import type { LogFile } from './log-files.ts';
import { findLogs } from './log-files.ts';
import { LogUploads } from './log-uploads.ts';
import { statementId, statementKey } from './statement-key.ts';

export interface LogsServiceParts {
  readonly dataDirectory: string;
  readonly jobs: JobsService;
  readonly parser: SqlParser;
  readonly store: StoreKeeper;
  readonly logLoss: (what: string, error: unknown) => void;
}

export interface LogImportInput {
  readonly path?: string | undefined;
  readonly text?: string | undefined;
  readonly uploadId?: string | undefined;
  readonly name?: string | undefined;
  readonly connectionId: string | null;
}

const shownSql = 400;

/** Reads logs of servers on this machine, and answers what was in them. Nothing of them leaves it. */
export class LogsService implements AsyncDisposable {
  readonly #parts: LogsServiceParts;
  readonly #book: LogBook;
  readonly #uploads: LogUploads;

  constructor(parts: LogsServiceParts) {
    this.#parts = parts;
    this.#book = new LogBook(parts.store, parts.logLoss);
    this.#uploads = new LogUploads(parts.dataDirectory);
  }

  /** Begins to read. What cannot be read at all fails at once. */
  async import(input: LogImportInput): Promise<{ job: Job; importId: string }> {
    const importId = randomUUID();
    const { files, leftOut, name, cleanUp } = await this.#sources(input, importId);
    const { job } = this.#parts.jobs.start(
      { kind: 'log', title: `Import of ${name}`, connectionId: input.connectionId },
      async (handle) => {
        try {
          return await this.#run(handle, { importId, files, leftOut, name, connectionId: input.connectionId });
        } finally {
          await cleanUp();
        }
      },
    );
    return { job, importId };
  }

  beginUpload(name: string): Promise<string> {
    return this.#uploads.begin(name);
  }

  uploadPart(id: string, base64: string): Promise<number> {
    return this.#uploads.part(id, base64);
  }

  abandonUpload(id: string): Promise<void> {
    return this.#uploads.abandon(id);
  }

  list(): Promise<LogImport[]> {
    return this.#book.list();
  }

  report(id: string): Promise<LogReport> {
    return this.#book.report(id);
  }

  async statements(id: string): Promise<LogStatement[]> {
    const statements = await this.#book.statements(id);
    return statements.map((statement) =>
      statement.sql.length > shownSql ? { ...statement, sql: `${statement.sql.slice(0, shownSql)}…` } : statement,
    );
  }

  async statement(
    id: string,
    fingerprint: string,
  ): Promise<{ statement: LogStatement; samples: LogSample[]; plans: LogPlan[] }> {
    const found = await this.#book.statement(id, fingerprint);
    const { planList } = await this.#book.report(id);
    return { ...found, plans: planList.filter((plan) => plan.fingerprint === fingerprint) };
  }

  /** Runs of a statement, by the fingerprint of pg_query or of an import, or by its text. */
  async samples(input: {
    readonly fingerprint?: string | undefined;
    readonly sql?: string | undefined;
    readonly limit: number;
  }): Promise<(LogSample & { importId: string; importName: string })[]> {
    if (input.fingerprint !== undefined) return this.#book.samples(input.fingerprint, true, input.limit);
    const sql = input.sql ?? '';
    const { fingerprint } = await this.#parts.parser.references(sql);
    if (fingerprint === null) return [];
    return this.#book.samples(statementId(fingerprint, statementKey(sql), sql), false, input.limit);
  }

  plan(id: string, number: number): Promise<{ plan: LogPlan; source: string }> {
    return this.#book.plan(id, number);
  }

  async export(id: string, format: LogExportFormat): Promise<{ text: string; fileName: string; mediaType: string }> {
    const summary = (await this.#book.list()).find((candidate) => candidate.id === id);
    if (!summary) throw StewardError.of('not_found', 'This import is not kept any more');
    const statements = await this.#book.statements(id);
    const stem = `statements-${summary.name.replaceAll(/[^\w.-]+/g, '-').slice(0, 80)}`;
    return format === 'csv'
      ? { text: statementsCsv(statements), fileName: `${stem}.csv`, mediaType: 'text/csv' }
      : { text: statementsJson(summary, statements), fileName: `${stem}.json`, mediaType: 'application/json' };
  }

  remove(id: string): Promise<void> {
    return this.#book.remove(id);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#uploads[Symbol.asyncDispose]();
  }

  async #sources(
    input: LogImportInput,
    importId: string,
  ): Promise<{ files: LogFile[]; leftOut: number; name: string; cleanUp: () => Promise<void> }> {
    if (input.path !== undefined) {
      const found = await findLogs(input.path);
      return { ...found, name: input.name ?? path.basename(path.resolve(input.path)), cleanUp: async () => {} };
    }
    if (input.uploadId !== undefined) {
      const { uploadId } = input;
      const upload = await this.#uploads.finished(uploadId);
      return {
        files: [{ path: upload.path, name: upload.name, bytes: upload.bytes }],
        leftOut: 0,
        name: input.name ?? upload.name,
        cleanUp: () => this.#uploads.abandon(uploadId),
      };
    }
    const folder = path.join(this.#parts.dataDirectory, 'uploads');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = path.join(folder, importId);
    const text = input.text ?? '';
    await writeFile(file, text, { mode: 0o600 });
    const name = input.name ?? 'Pasted log';
    return {
      files: [{ path: file, name, bytes: Buffer.byteLength(text) }],
      leftOut: 0,
      name,
      cleanUp: () => rm(file, { force: true }),
    };
  }

  async #run(
    handle: JobHandle,
    about: {
      importId: string;
      files: readonly LogFile[];
      leftOut: number;
      name: string;
      connectionId: string | null;
    },
  ): Promise<string> {
    handle.progress('Reading', 0);
    const read = await importInWorker(
      about.files,
      ({ file, doneBytes, totalBytes, messages }) =>
        handle.progress(
          `${file}: ${messages.toLocaleString('en')} messages`,
          totalBytes === 0 ? null : Math.min(0.99, doneBytes / totalBytes),
        ),
      handle.signal,
    );
    if (read.report.messages === 0)
      throw StewardError.of('bad_input', `Nothing in ${about.name} is a log of PostgreSQL`, {
        hint: whyNothing(read.report),
      });
    handle.progress('Keeping it', 0.99);
    const report: LogReport = {
      ...read.report,
      id: about.importId,
      name: about.name,
      connectionId: about.connectionId,
      importedAt: new Date().toISOString(),
      kept: true,
      filesLeftOut: about.leftOut,
    };
    const notKept = await this.#book.keep({
      summary: summaryOf(report),
      report,
      statements: read.statements,
      plans: read.plans,
    });
    for (const { name, problem } of report.files) if (problem !== null) handle.log(`${name}: ${problem}`);
    return [
      `${countOf(report.messages, 'message')}, ${countOf(report.statements, 'statement')}`,
      ...(report.unreadableLines > 0 ? [`${countOf(report.unreadableLines, 'line')} could not be read`] : []),
      ...(about.leftOut > 0 ? [`${countOf(about.leftOut, 'file')} left out`] : []),
      ...(notKept === null ? [] : [`not kept: ${notKept}`]),
    ].join('; ');
  }
}

function countOf(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

function whyNothing({ files, unreadable }: Pick<LogReport, 'files' | 'unreadable'>): string {
  const problem = files.find((file) => file.problem !== null)?.problem;
  if (problem !== undefined && problem !== null) return problem;
  const [first] = unreadable;
  return first === undefined
    ? 'It is empty.'
    : `Line ${first.line}: ${first.reason}. stderr, csvlog, jsonlog and syslog are read.`;
}

function summaryOf(report: LogReport): LogImport {
  const {
    filesLeftOut: _0,
    foreignMessages: _1,
    unreadable: _2,
    bareDurations: _3,
    leftOut: _4,
    severities: _5,
    timeline: _6,
    errorGroups: _7,
    locks: _8,
    deadlockDetails: _9,
    temp: _10,
    vacuums: _11,
    checkpoints: _12,
    connections: _13,
    planList: _14,
    advice: _15,
    ...summary
  } = report;
  return summary;
}
