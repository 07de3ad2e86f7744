import type { HealthReport } from '#contract/health-model.ts';
import type {
  AppliedFix,
  FixPreview,
  FixRequest,
  HealthComparison,
  HealthForecast,
  HealthRunEvent,
  HealthTrend,
  ReportFormat,
  SavedReport,
} from '#contract/health.ts';
import type { Job } from '#contract/jobs.ts';

import { catalogOnly, catalogPath } from '../../postgres/catalog-reader.ts';
import { StewardError, toFailure } from '../../postgres/failure.ts';
import type { SqlParser } from '../../postgres/sql-parser/index.ts';
import type { AuditDraft } from '../audit/index.ts';
import { type ConnectionsService, targetOf } from '../connections/index.ts';
import type { StoreKeeper } from '../history/index.ts';
import type { JobsService } from '../jobs/index.ts';
import { LiveValue } from '../live-value.ts';
import { FixService } from './fix/fix-service.ts';
import { HealthBook } from './health-book.ts';
import { HealthInputError } from './health-input-error.ts';
import type { HealthRules } from './health-rules.ts';
import { compareReports } from './report/compare-reports.ts';
import { exportReport } from './report/export-report.ts';
import { forecasts } from './report/forecast.ts';
import { healthScore } from './report/score.ts';
import { applySuppressions } from './report/suppressions.ts';
import { reportInWorker } from './report-in-worker.ts';
import { runHealthReport } from './run-health-report.ts';
import { readStandbys } from './standby-scans.ts';

/** Statements that run side by side: enough to be quick, few enough not to be felt. */
const sessions = 2;

export interface HealthServiceOptions {
  readonly connections: ConnectionsService;
  readonly jobs: JobsService;
  readonly parser: SqlParser;
  readonly store: StoreKeeper;
  readonly rules: HealthRules;
  readonly version: string;
  /** Must not throw. */
  readonly audit: (entry: AuditDraft) => void;
  /** Told of what could not be kept. */
  readonly logLoss: (what: string, error: unknown) => void;
}

export class HealthService {
  readonly rules: HealthRules;
  readonly #options: HealthServiceOptions;
  readonly #book: HealthBook;
  readonly #fixes: FixService;

  constructor(options: HealthServiceOptions) {
    this.#options = options;
    this.rules = options.rules;
    this.#book = new HealthBook(options.store);
    this.#fixes = new FixService({ ...options, book: this.#book, log: options.logLoss });
  }

  /** A report with progress; aborting cancels the checks that run. The report is kept in the store. */
  async *run(
    input: { connectionId: string; only?: string[] | undefined },
    signal?: AbortSignal,
  ): AsyncGenerator<HealthRunEvent> {
    const { connections } = this.#options;
    const reader = catalogOnly(await connections.reader(input.connectionId));
    const target = targetOf(connections.get(input.connectionId));
    const progress = new LiveValue<HealthRunEvent>({ kind: 'progress', done: 0, total: 1, check: '' });
    const ended = new AbortController();
    const running = (async () => {
      const [earlier, standbys] = await Promise.all([
        // Without a store there are no rates, and the report is whole all the same.
        this.#book.earlier(input.connectionId, target).catch(() => undefined),
        readStandbys(input.connectionId, connections, signal),
      ]);
      const onProgress = (done: number, total: number, check: string): void =>
        progress.set({ kind: 'progress', done, total, check });
      const options = {
        thresholds: this.rules.thresholds,
        suppressions: this.rules.suppressionsOn(input.connectionId),
        earlier,
        standbys,
      };
      // A few checks are no load, and a worker would take longer to start.
      if (input.only)
        return runHealthReport([reader, reader], {
          ...options,
          only: input.only,
          onProgress,
          ...(signal ? { signal } : {}),
        });
      const given = await connections.parameters(input.connectionId);
      // A table that somebody has locked holds up the checks that read it, and no others. To start helpers takes longer
      // than the little that they would be given to do, and is a load that the server feels.
      const ours = { lock_timeout: '2s', max_parallel_workers_per_gather: '0' };
      const settings = { ...given.settings, ...catalogPath, ...ours };
      const parameters = { ...given, settings, applicationName: 'steward health' };
      const task = { parameters, sessions, options: { ...options, alsoAsk: this.rules.alsoAsk } };
      return reportInWorker(task, onProgress, signal);
    })().finally(() => ended.abort());
    // Awaited below; until then a failure must not count as unhandled.
    running.catch(() => {});
    for await (const event of progress.watch(ended.signal, 50)) yield event;
    const asked: HealthReport = await running.catch((error: unknown) => {
      connections.noteFailure(input.connectionId, error);
      throw error instanceof HealthInputError
        ? StewardError.of('bad_input', error.message, { hint: 'See the ids of a whole report.' })
        : error;
    });
    const report = this.#shown(asked, input.connectionId);
    const kept = input.only ? { savedId: null, notKept: null } : await this.#keep(input.connectionId, target, report);
    yield { kind: 'report', report, ...kept };
  }

  reports(filter: { connectionId?: string | undefined; limit: number }): Promise<SavedReport[]> {
    return this.#book.reports(filter);
  }

  async report(id: string): Promise<HealthReport> {
    const { saved, report } = await this.#book.report(id);
    return this.#shown(report, saved.connectionId);
  }

  /** What is new, gone, worse and better from one kept report to another. */
  async compare(input: { before: string; after: string }): Promise<HealthComparison> {
    const [before, after] = await Promise.all([this.#book.report(input.before), this.#book.report(input.after)]);
    return {
      before: before.saved,
      after: after.saved,
      ...compareReports(
        this.#shown(before.report, before.saved.connectionId),
        this.#shown(after.report, after.saved.connectionId),
      ),
    };
  }

  async forecasts(connectionId: string): Promise<HealthForecast[]> {
    const target = targetOf(this.#options.connections.get(connectionId));
    return forecasts(await this.#book.measures(connectionId, target));
  }

  trends(connectionId: string): Promise<HealthTrend[]> {
    return this.#book.trends(connectionId, targetOf(this.#options.connections.get(connectionId)));
  }

  /** A kept report as a text. */
  async export(input: {
    id: string;
    format: ReportFormat;
  }): Promise<{ text: string; fileName: string; mediaType: string }> {
    const { saved, report } = await this.#book.report(input.id);
    const { connectionId, target, takenAt } = saved;
    const measures =
      connectionId === null || target === null ? [] : await this.#book.measures(connectionId, target).catch(() => []);
    return exportReport(
      {
        report: this.#shown(report, connectionId),
        subject: this.#nameOf(connectionId) ?? report.database,
        // What was known then: a forecast of today does not belong to a report of last month.
        forecasts: forecasts(measures.filter((one) => one.takenAt.toISOString() <= takenAt)),
      },
      input.format,
      { version: this.#options.version },
    );
  }

  previewFix(request: FixRequest, signal?: AbortSignal): Promise<FixPreview> {
    return this.#fixes.preview(request, signal);
  }

  fix(request: FixRequest & { confirmation?: string | undefined }): Promise<Job> {
    return this.#fixes.apply(request);
  }

  fixes(filter: { connectionId: string; limit: number }): Promise<AppliedFix[]> {
    return this.#book.fixes(filter);
  }

  undoFix(input: { id: string; confirmation?: string | undefined }): Promise<Job> {
    return this.#fixes.undo(input);
  }

  /** With what is suppressed today, and its score. */
  #shown(report: HealthReport, connectionId: string | null): HealthReport {
    const marked = applySuppressions(report, this.rules.suppressions, connectionId, new Date());
    return { ...marked, score: healthScore(marked) };
  }

  #nameOf(connectionId: string | null): string | undefined {
    try {
      return connectionId === null ? undefined : this.#options.connections.get(connectionId).name;
    } catch {
      // Its connection was removed; the report was not.
      return undefined;
    }
  }

  async #keep(
    connectionId: string,
    target: string,
    report: HealthReport,
  ): Promise<{ savedId: string | null; notKept: string | null }> {
    try {
      return { savedId: await this.#book.keepReport(connectionId, target, report), notKept: null };
    } catch (error) {
      this.#options.logLoss('health report', error);
      return { savedId: null, notKept: toFailure(error).message };
    }
  }
}
