import { PlanReadError } from '../plan-read-error.ts';

/** Below this nothing takes long. */
const LARGE = 1_000_000;
/** A plan of 100,000 nodes has half a million lines; arrays of a hundred million end the process. */
const MOST_LINES = 5_000_000;
/** A plan of any size and format has at least one of these. */
const MARKS = ['cost=', '(actual', '->', 'Node Type', 'Node-Type'];

/**
 * Tells what is large and no plan before it is split into lines.
 * @throws {PlanReadError} no mark of a plan, or too many lines
 */
export function refuseJunk(source: string): void {
  if (source.length < LARGE) return;
  if (!MARKS.some((mark) => source.includes(mark)))
    throw new PlanReadError('No plan found: expected the output of EXPLAIN');
  let lines = 0;
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) {
    lines += 1;
    if (lines > MOST_LINES)
      throw new PlanReadError(`More than ${MOST_LINES.toLocaleString('en')} lines: only the plan is wanted`, lines);
  }
}
