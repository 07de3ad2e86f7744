import { parentPort, workerData } from 'node:worker_threads';

import { analyzePlans } from './index.ts';
import { PlanReadError } from './plan-read-error.ts';

try {
  parentPort?.postMessage({ plans: analyzePlans((workerData as { source: string }).source) });
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  const place = error instanceof PlanReadError ? { line: error.line, column: error.column } : {};
  parentPort?.postMessage({ error: { message, ...place, understood: error instanceof PlanReadError } });
}
