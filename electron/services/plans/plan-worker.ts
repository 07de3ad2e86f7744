import { parentPort, workerData } from 'node:worker_threads';

import type { PlanTask } from './analyze-in-worker.ts';
import { comparePlans } from '../../plan-core/compare/index.ts';
import { analyzePlans } from '../../plan-core/index.ts';
import { PlanReadError } from '../../plan-core/plan-read-error.ts';

try {
  parentPort?.postMessage(run(workerData as PlanTask));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  const place = error instanceof PlanReadError ? { line: error.line, column: error.column } : {};
  parentPort?.postMessage({ error: { message, ...place, understood: error instanceof PlanReadError } });
}

function run(task: PlanTask): object {
  if (task.kind === 'analyze') return { plans: analyzePlans(task.source) };
  const [before, after] = [task.before, task.after].map(({ name, source, number, queryText }) => {
    const plans = readNamed(name, source, queryText);
    const plan = plans[number - 1];
    if (!plan)
      throw new PlanReadError(
        `${name} holds ${plans.length === 1 ? 'one plan' : `${plans.length} plans`}, not ${number}`,
      );
    return plan;
  });
  return before && after ? { before, after, comparison: comparePlans(before, after) } : {};
}

/** Says which of the two could not be read. */
function readNamed(name: string, source: string, queryText: string | undefined): ReturnType<typeof analyzePlans> {
  try {
    return analyzePlans(source, queryText === undefined ? {} : { queryText });
  } catch (error) {
    throw error instanceof PlanReadError
      ? new PlanReadError(`${name}: ${error.message}`, error.line, error.column)
      : error;
  }
}
