import type { HealthReport } from '#contract/health-model.ts';
import type { HealthRunEvent } from '#contract/health.ts';

import type { CatalogReader } from '../../postgres/catalog-reader.ts';
import { StewardError } from '../../postgres/failure.ts';
import type { ConnectionsService } from '../connections/index.ts';
import type { HistoryService } from '../history/index.ts';
import { LiveValue } from '../live-value.ts';
import { HealthInputError } from './health-input-error.ts';
import { runHealthReport } from './run-health-report.ts';

/** Statements that run side by side: enough to be quick, few enough not to be felt. */
const sessions = 3;

export class HealthService {
  readonly #connections: ConnectionsService;
  readonly #history: HistoryService;

  constructor(connections: ConnectionsService, history: HistoryService) {
    this.#connections = connections;
    this.#history = history;
  }

  /** A report with progress; aborting cancels the checks that run. The report is kept in the store. */
  async *run(
    input: { connectionId: string; only?: string[] | undefined },
    signal?: AbortSignal,
  ): AsyncGenerator<HealthRunEvent> {
    const reader = await this.#connections.reader(input.connectionId);
    const readers: CatalogReader[] = Array.from({ length: sessions }, () => reader);
    const progress = new LiveValue<HealthRunEvent>({ kind: 'progress', done: 0, total: 1, check: '' });
    const ended = new AbortController();
    const running = runHealthReport(readers, {
      ...(input.only ? { only: input.only } : {}),
      ...(signal ? { signal } : {}),
      onProgress: (done, total, check) => progress.set({ kind: 'progress', done, total, check }),
    }).finally(() => ended.abort());
    // Awaited below; until then a failure must not count as unhandled.
    running.catch(() => {});
    for await (const event of progress.watch(ended.signal, 50)) yield event;
    const report: HealthReport = await running.catch((error: unknown) => {
      this.#connections.noteFailure(input.connectionId, error);
      throw error instanceof HealthInputError
        ? StewardError.of('bad_input', error.message, { hint: 'See the ids of a whole report.' })
        : error;
    });
    const savedId = input.only ? null : await this.#history.saveReport(input.connectionId, report);
    yield { kind: 'report', report, savedId };
  }
}
