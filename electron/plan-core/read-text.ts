import { isHolder } from './numbers/plan-tree.ts';
import { PlanReadError } from './plan-read-error.ts';
import type { JsonObject, RawNode, RawPlan } from './raw-plan.ts';
import type { SourceLine } from './source/source-lines.ts';
import { autoExplainDuration } from './source/source-lines.ts';
import { readNodeName, readNodeSuffix, readTargetTable } from './text/node-line.ts';
import type { OpenPlan } from './text/open-plan.ts';
import { closePlan, cutOff, openPlan, show, showOwn } from './text/open-plan.ts';
import { readProperty, splitProperty } from './text/property-line.ts';
import { GROUPING_LINES } from './text/reading-keys.ts';
import { readStatementLine } from './text/statement-line.ts';
import type { TextLine } from './text/text-lines.ts';
import { readTextLines } from './text/text-lines.ts';
import { readUnderWorker, readWorkerProperty, workerOf } from './text/worker-lines.ts';

/**
 * Reads every plan of FORMAT TEXT in a source, junk around them left aside.
 * @param onlyKnown leaves out what begins with a node that PostgreSQL does not have: in a broken XML or JSON, text that
 * looks like a plan is more likely a value in it
 * @throws {PlanReadError} no plan, or one that ends before it is whole
 */
export function readTextPlans(lines: readonly SourceLine[], onlyKnown = false): RawPlan[] {
  const costed = readPlans(lines, true).filter((plan) => plan.isKnown || (!onlyKnown && isLikelyName(plan)));
  const bare = costed.some((plan) => !plan.isFragment)
    ? []
    : readPlans(lines, false).filter((plan) => !plan.isFragment);
  const plans = (bare.length > 0 ? bare : costed).map((open) => closePlan(open, open.text.join('\n')));
  if (plans.length === 0) {
    const first = lines.find((line) => line.text.trim() !== '');
    throw new PlanReadError(
      first ? 'No plan found: expected the output of EXPLAIN' : 'The source is empty',
      first?.number ?? 1,
      1,
    );
  }
  return plans;
}

/** Forks and extensions have nodes of their own, which are named like PostgreSQL's. Anything else is text that looks like a plan. */
function isLikelyName({ plan }: OpenPlan): boolean {
  return /^[A-Z]\w*[^\n]{0,200}$/.test(String(plan.nodes[0]?.properties['Node Type']));
}

function readPlans(lines: readonly SourceLine[], costs: boolean): OpenPlan[] {
  const open: OpenPlan[] = [];
  let current: OpenPlan | null = null;
  let before: JsonObject = {};
  for (const line of readTextLines(lines, costs)) {
    if (line.kind === 'end') {
      const duration = autoExplainDuration(line.text);
      before = duration === null ? {} : { Duration: duration };
      current = null;
    } else if (line.kind === 'query') {
      before['Query Text'] = line.text;
      current = null;
    } else if (line.kind === 'node' && (current === null || (!line.hasArrow && !isRemoteRoot(current, line.column)))) {
      current = openPlan(before, line);
      open.push(current);
      before = {};
      readNode(current, line);
    } else if (current === null) readStatementLine(line.text, before, null);
    else readLine(current, line);
  }
  return open;
}

function isRemoteRoot(open: OpenPlan, column: number): boolean {
  return open.remotePlanAt !== null && column > open.remotePlanAt;
}

/** Reads any line that belongs to a plan. */
export function readLine(open: OpenPlan, line: TextLine): void {
  if (line.kind === 'node') readNode(open, line);
  else if (line.kind === 'subplan') readSubplan(open, line);
  else if (line.kind === 'worker') readWorker(open, line);
  else if (line.kind === 'target') readTarget(open, line);
  else readPropertyLine(open, line);
}

function readNode(open: OpenPlan, line: TextLine): void {
  const suffix = readNodeSuffix(line.text);
  if (!suffix && /\((?:cost|actual)\b[^()]*$/.test(line.text)) throw cutOff(line);
  const properties = readNodeName(suffix?.name ?? line.text).properties;
  if (suffix) Object.assign(properties, suffix.properties);
  if (suffix?.fractionalRows) open.isFractional = true;
  if (suffix?.neverExecuted) Object.assign(properties, { 'Actual Rows': 0, 'Actual Loops': 0 });
  if (open.plan.nodes.length === 0) open.margin = line.column;
  addNode(open, properties, line.column, line.hasArrow, show(open, line));
}

/** Hangs a node, whose line is read, into the plan. Its last line so far is that of the plan. */
export function addNode(
  open: OpenPlan,
  properties: JsonObject,
  column: number,
  hasArrow: boolean,
  firstLine: number,
): void {
  const { plan, stack } = open;
  while (stack.length > 0 && (stack[stack.length - 1]?.column ?? -1) >= column) stack.pop();
  const holder = stack[stack.length - 1];
  // A second root under an arrow is a fragment's; everything hangs on the first node.
  const parent = holder?.node ?? (plan.nodes.length === 0 ? -1 : 0);
  if (typeof holder?.subplan === 'string') {
    properties['Parent Relationship'] = holder.subplan.startsWith('SubPlan') ? 'SubPlan' : 'InitPlan';
    properties['Subplan Name'] = holder.subplan;
  }
  const isRemote = isRemoteRoot(open, column) && !hasArrow;
  if (isRemote) properties['Parent Relationship'] = 'Remote';
  const remoteFrom = isHolder(properties) ? column : isRemote ? open.remotePlanAt : null;
  if (remoteFrom !== null) open.hasRemote = true;
  const depth = parent === -1 ? 0 : (plan.nodes[parent]?.depth ?? 0) + 1;
  plan.nodes.push({ parent, depth, properties, line: firstLine, endLine: open.lineCount });
  stack.push({ column, node: plan.nodes.length - 1, subplan: null, remoteFrom });
  if (open.remotePlanAt !== null && column <= open.remotePlanAt) open.remotePlanAt = null;
  open.worker = null;
  open.group = null;
  open.inStatement = false;
}

function readSubplan(open: OpenPlan, line: TextLine): void {
  const { stack } = open;
  while (stack.length > 1 && (stack.at(-1)?.column ?? -1) >= line.column) stack.pop();
  const holder = stack.at(-1);
  if (holder)
    stack.push({
      column: Math.max(line.column, holder.column + 1),
      node: holder.node,
      subplan: line.text,
      remoteFrom: null,
    });
  show(open, line);
  open.worker = null;
}

function readWorker(open: OpenPlan, line: TextLine): void {
  const node = showOwn(open, line);
  const found = /^Worker (\d+):\s*(.*)$/s.exec(line.text);
  if (!node || !found) return;
  const properties = workerOf(node, Number(found[1]));
  open.worker = { column: line.column, properties, jit: null };
  readWorkerProperty(properties, found[2] ?? '');
}

function readTarget(open: OpenPlan, line: TextLine): void {
  const node = showOwn(open, line);
  const target = readTargetTable(line.text);
  if (!node || !target) return;
  const present = node.properties['Target Tables'];
  if (Array.isArray(present)) present.push(target);
  else node.properties['Target Tables'] = [target];
}

function readPropertyLine(open: OpenPlan, line: TextLine): void {
  const worker = open.worker;
  if (worker && line.column > worker.column && !open.inStatement) {
    showOwn(open, line);
    readUnderWorker(worker, line.text);
    return;
  }
  leaveRemote(open, line);
  const group = readStatementLine(line.text, statementAt(open, line), open.group);
  if (group !== undefined) {
    open.group = group;
    open.inStatement = true;
    open.worker = null;
    show(open, line);
    return;
  }
  open.worker = null;
  const forWorker = /^JIT for worker (\d+):$/.exec(line.text);
  const node = open.inStatement ? undefined : showOwn(open, line);
  if (open.inStatement) show(open, line);
  if (node && forWorker) {
    const properties = workerOf(node, Number(forWorker[1]));
    open.worker = { column: line.column, properties, jit: {} };
    properties['JIT'] = open.worker.jit;
    return;
  }
  const property = splitProperty(line.text);
  if (!node || !property) return;
  if (property.value === '' && /^Remote [Pp]lans?$/.test(property.key)) {
    open.remotePlanAt = line.column;
    return;
  }
  if (node.properties['Node Type'] === 'Aggregate' && /^(?:Hash|Group|Sort) Key$/.test(property.key))
    readGroupingLine(node, property, line.column);
  else readProperty(property.key, property.value, node.properties);
}

/** The statement that a line may be about: this one, or that of the server whose plan it stands in. */
function statementAt(open: OpenPlan, line: TextLine): JsonObject {
  if (!open.hasRemote) return open.plan.statement;
  const holder = open.stack.findLast(({ remoteFrom }) => remoteFrom !== null && line.column > remoteFrom);
  return (holder && open.plan.nodes[holder.node]?.properties) ?? open.plan.statement;
}

/** Citus prints the tasks of a node after its Distributed Subplans: a line further left is about that node again. */
function leaveRemote(open: OpenPlan, line: TextLine): void {
  if (!open.hasRemote) return;
  const { stack } = open;
  const first = stack.findIndex(({ remoteFrom }) => remoteFrom !== null && line.column <= remoteFrom);
  if (first < 1 || line.column <= (stack[first - 1]?.column ?? 0)) return;
  stack.length = first;
  open.inStatement = false;
  open.group = null;
}

/** Keys of an Aggregate are put together when the node is complete: only then is it clear whether they are grouping sets. */
function readGroupingLine(node: RawNode, property: { key: string; value: string }, column: number): void {
  const present = node.properties[GROUPING_LINES];
  const entry = [property.key, property.value, column];
  if (Array.isArray(present)) present.push(entry);
  else node.properties[GROUPING_LINES] = [entry];
}
