import { parentPort } from 'node:worker_threads';

import type { PlanTask } from './analyze-in-worker.ts';
import { comparePlans } from '../../plan-core/compare/index.ts';
import { analyzePlans } from '../../plan-core/index.ts';
import { PlanReadError } from '../../plan-core/plan-read-error.ts';

parentPort?.on('message', (task: PlanTask) => {
  // Without its port the thread has nothing to wait for, and ends.
  if (task.kind === 'close') parentPort?.close();
  else parentPort?.postMessage(answer(task));
});

function answer(task: Exclude<PlanTask, { kind: 'close' }>): object {
  try {
    return task.kind === 'analyze' ? { plans: analyzePlans(task.source) } : compare(task);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const place = error instanceof PlanReadError ? { line: error.line, column: error.column } : {};
    return { error: { message, ...place, understood: error instanceof PlanReadError } };
  }
}

function compare(task: Extract<PlanTask, { kind: 'compare' }>): object {
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
