import { PlanReadError } from '../plan-read-error.ts';
import type { JsonObject, RawNode, RawPlan } from '../raw-plan.ts';
import { findMissingInput } from './missing-input.ts';
import { readNodeName, readNodeSuffix } from './node-line.ts';
import type { StatementGroup } from './statement-line.ts';
import { completeText } from './text-defaults.ts';
import type { TextLine } from './text-lines.ts';
import type { OpenWorker } from './worker-lines.ts';

type StackEntry = {
  readonly column: number;
  readonly node: number;
  readonly subplan: string | null;
  /** Lines about a statement that stand further right than this column are about the plan of another server; null here. */
  readonly remoteFrom: number | null;
};

/** A plan that is being read: where the next node and the next property belong. */
export type OpenPlan = {
  readonly plan: RawPlan;
  readonly stack: StackEntry[];
  /** The lines as they are shown. Who reads a source that is the text itself leaves them aside. */
  readonly text: string[];
  /** Lines so far. */
  lineCount: number;
  margin: number;
  worker: OpenWorker | null;
  group: StatementGroup | null;
  inStatement: boolean;
  lastLine: TextLine | null;
  /** The column of `Remote Plan:`, under which a plan without an arrow stands. */
  remotePlanAt: number | null;
  hasRemote: boolean;
  /** Rows have decimals, which 18 began. */
  isFractional: boolean;
  /** Begins with an arrow: somebody copied a part of a plan. */
  readonly isFragment: boolean;
  /** Begins with a node of PostgreSQL's own. */
  readonly isKnown: boolean;
};

/** A plan that begins at a line; nothing of it is read yet. */
export function openPlan(statement: JsonObject, root: TextLine): OpenPlan {
  return {
    plan: { format: 'text', nodes: [], statement },
    stack: [],
    text: [],
    lineCount: 0,
    margin: 0,
    worker: null,
    group: null,
    inStatement: false,
    lastLine: null,
    remotePlanAt: null,
    hasRemote: false,
    isFractional: false,
    isFragment: root.hasArrow,
    isKnown: readNodeName(readNodeSuffix(root.text)?.name ?? root.text).known,
  };
}

/** Adds the lines as they are shown. Returns the 1-based number of the first. */
export function show(open: OpenPlan, line: TextLine): number {
  const first = open.lineCount + 1;
  line.shown.forEach((text, index) => open.text.push(index === 0 ? withoutMargin(text, open.margin) : text));
  open.lineCount += line.shown.length;
  open.lastLine = line;
  return first;
}

function withoutMargin(text: string, margin: number): string {
  let end = 0;
  for (let column = 0; column < margin && (text[end] === ' ' || text[end] === '\t'); end += 1)
    column += text[end] === '\t' ? 4 : 1;
  return text.slice(end).trimEnd();
}

/** Adds the lines, and tells the node that they are about. */
export function showOwn(open: OpenPlan, line: TextLine): RawNode | undefined {
  show(open, line);
  const { nodes } = open.plan;
  const owner = open.stack.at(-1)?.node ?? nodes.length - 1;
  const node = nodes[owner];
  // Lines of its own that follow its children do not make those its own.
  if (node && owner === nodes.length - 1) node.endLine = open.lineCount;
  return node;
}

/** The error of a plan that ends in the middle of a line. */
export function cutOff(line: TextLine): PlanReadError {
  return new PlanReadError('The plan is cut off inside this line', line.sourceLine, line.endColumn);
}

/**
 * The plan when all its lines are read: what FORMAT TEXT leaves out is put back.
 * @throws {PlanReadError} it ends before it is whole
 */
export function closePlan(open: OpenPlan, text: string): RawPlan {
  const { plan, lastLine } = open;
  if (lastLine?.open) throw cutOff(lastLine);
  plan.text = text;
  completeText(plan, open.isFractional);
  const missing = open.inStatement ? null : findMissingInput(plan.nodes);
  if (missing !== null) {
    const label = `${String(plan.nodes[missing]?.properties['Node Type'])} has no input`;
    if (plan.nodes.some((node) => node.properties['Actual Loops'] !== undefined)) {
      throw new PlanReadError(`The plan is cut off: ${label}`, lastLine?.sourceLine ?? 1, 1);
    }
    plan.incomplete = `The plan seems to be cut off: ${label}`;
  }
  return plan;
}
