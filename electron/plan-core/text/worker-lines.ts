import type { JsonObject, JsonValue, RawNode } from '../raw-plan.ts';
import { readNodeSuffix } from './node-line.ts';
import { readProperty, splitProperty } from './property-line.ts';
import { readJitLine } from './statement-line.ts';

/** The worker whose lines are being read, and the JIT group of it that is open. */
export type OpenWorker = { readonly column: number; readonly properties: JsonObject; jit: JsonObject | null };

/** PostgreSQL allows 1024 (max_parallel_workers_per_gather). */
const MOST_WORKERS = 1024;

/** The worker of that number of a node, made when it is new. */
export function workerOf(node: RawNode, number: number): JsonObject {
  const present = node.properties['Workers'];
  const workers: JsonValue[] = Array.isArray(present) ? present : [];
  node.properties['Workers'] = workers;
  // A plan has a handful of workers; a paste that claims more has them in order.
  for (const worker of workers.slice(-MOST_WORKERS)) {
    if (typeof worker === 'object' && worker !== null && !Array.isArray(worker) && worker['Worker Number'] === number)
      return worker;
  }
  const worker: JsonObject = { 'Worker Number': number };
  workers.push(worker);
  return worker;
}

/** What stands on the line of `Worker 0:` itself. */
export function readWorkerProperty(properties: JsonObject, text: string): void {
  const actual = readNodeSuffix(`(${text.trim()})`);
  if (actual && text.startsWith('actual')) {
    Object.assign(properties, actual.properties);
    return;
  }
  const property = splitProperty(text);
  if (property) readProperty(property.key, property.value, properties);
}

/** A line that stands further right than that of its worker. */
export function readUnderWorker(worker: OpenWorker, text: string): void {
  const property = splitProperty(text);
  if (!property) return;
  if (property.key === 'JIT' && property.value === '') {
    worker.jit = {};
    worker.properties['JIT'] = worker.jit;
  } else if (worker.jit && /^(?:Functions|Options|Timing)$/.test(property.key))
    readJitLine(property.key, property.value, worker.jit);
  else readProperty(property.key, property.value, worker.properties);
}
