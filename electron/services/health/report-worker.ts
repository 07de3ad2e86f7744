import { parentPort, workerData } from 'node:worker_threads';

import { Database } from '../../postgres/database.ts';
import { StewardError, toFailure } from '../../postgres/failure.ts';
import { HealthInputError } from './health-input-error.ts';
import type { ReportAnswer, ReportTask } from './report-in-worker.ts';
import { runHealthReport } from './run-health-report.ts';

// Rows of large catalogs are read and judged here, where nobody's clicks wait behind them.
const port = parentPort;
const { parameters, sessions, options } = workerData as ReportTask;
const stop = new AbortController();
port?.on('message', () => stop.abort(StewardError.of('cancelled', 'Cancelled', { retryable: true })));
const answer = (message: ReportAnswer): void => port?.postMessage(message);

try {
  await using database = await Database.open(parameters, { poolSize: sessions, signal: stop.signal });
  const report = await runHealthReport(
    Array.from({ length: sessions }, () => database.reader),
    {
      ...options,
      signal: stop.signal,
      onProgress: (done, total, check) => answer({ kind: 'progress', done, total, check }),
    },
  );
  answer({ kind: 'report', report });
} catch (error) {
  const told = error instanceof HealthInputError ? StewardError.of('bad_input', error.message) : error;
  answer({ kind: 'failed', failure: toFailure(told) });
} finally {
  // The thread ends by itself when nothing holds it: one that is ended from outside can take the process along.
  port?.close();
}
