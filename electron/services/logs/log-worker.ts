import { parentPort, workerData } from 'node:worker_threads';

import { StewardError, toFailure } from '../../postgres/failure.ts';
import { loadSqlParser } from '../../postgres/sql-parser/index.ts';
import type { ImportAnswer, ImportTask } from './import-in-worker.ts';
import { readLog } from './read-log.ts';

// Gigabytes are read and counted here, where nobody's clicks wait behind them.
const port = parentPort;
const { files } = workerData as ImportTask;
const stop = new AbortController();
port?.on('message', () => stop.abort(StewardError.of('cancelled', 'Cancelled', { retryable: true })));
const answer = (message: ImportAnswer): void => port?.postMessage(message);

const progressMs = 200;
const statementsAtOnce = 100;
const plansAtOnce = 10;

try {
  await loadSqlParser();
  let told = 0;
  const { report, statements, plans } = await readLog(
    files,
    (progress) => {
      const now = Date.now();
      if (now - told < progressMs) return;
      told = now;
      answer({ kind: 'progress', ...progress });
    },
    stop.signal,
  );
  answer({ kind: 'report', report });
  for (let at = 0; at < statements.length; at += statementsAtOnce)
    answer({ kind: 'statements', statements: statements.slice(at, at + statementsAtOnce) });
  for (let at = 0; at < plans.length; at += plansAtOnce)
    answer({ kind: 'plans', plans: plans.slice(at, at + plansAtOnce) });
  answer({ kind: 'done' });
} catch (error) {
  answer({ kind: 'failed', failure: toFailure(error) });
} finally {
  // The thread ends by itself when nothing holds it: one that is ended from outside can take the process along.
  port?.close();
}
