import type { JsonObject, RawNode, RawPlan } from '../raw-plan.ts';
import { isJsonObject, numberOf, stringOf } from '../raw-plan.ts';
import { nodeLabel } from './node-label.ts';
import { addLine, addPropertyLines, jitLines, propertyLines, targetTableLines } from './property-text.ts';
import { text } from './shared-lines.ts';

/**
 * Prints a plan as PostgreSQL's FORMAT TEXT would, and notes on every node where its lines are.
 * The order of lines is the order of keys: both formats come out of the same walk in explain.c.
 */
export function printRawPlan(plan: RawPlan): string {
  let lines: string[] = [];
  // Lines are joined by the thousand: as long as they wait, the garbage collector carries every piece of them along,
  // which took a third of the printing of 20,000 nodes.
  const joined: string[] = [];
  let before = 0;
  const verbose = plan.nodes.some((node) => node.properties['Output'] !== undefined);
  const indents: number[] = [];
  const widest = widestIndent(plan.nodes);
  for (const [id, node] of plan.nodes.entries()) {
    const { properties } = node;
    let column = Math.min(widest, node.parent === -1 ? 0 : (indents[node.parent] ?? 0));
    const subplan = stringOf(properties['Subplan Name']);
    if (subplan !== undefined && node.parent !== -1) {
      lines.push(`${spaces(column)}${subplan}`);
      column += 2;
    }
    const indent = column + (node.parent === -1 ? 2 : 6);
    indents[id] = indent;
    node.line = before + lines.length + 1;
    const indentation = spaces(column);
    addLine(
      lines,
      node.parent === -1 ? indentation : `${indentation}->  `,
      `${nodeLabel(properties)}${numbersOf(properties)}`,
    );
    addNodeLines(lines, spaces(indent), properties, verbose);
    node.endLine = before + lines.length;
    if (lines.length < LINES_JOINED) continue;
    joined.push(lines.join('\n'));
    before += lines.length;
    lines = [];
  }
  lines.push(...statementLines(plan.statement, verbose));
  if (lines.length > 0) joined.push(lines.join('\n'));
  return joined.join('\n');
}

const LINES_JOINED = 1000;
const SPACES = Array.from({ length: 400 }, (_, count) => ' '.repeat(count));

/** Most lines are indented like others: the same text serves them all. */
function spaces(count: number): string {
  return SPACES[count] ?? ' '.repeat(count);
}

const MOST_INDENTATION_CHARACTERS = 16_000_000;
const DEEP_INDENT = 600;

/** Indentation grows with the square of the depth: a chain of ten thousand nodes would be hundreds of MB of spaces. */
function widestIndent(nodes: readonly RawNode[]): number {
  const total = nodes.reduce((sum, { depth }) => sum + depth * 6 * 4, 0);
  return total > MOST_INDENTATION_CHARACTERS ? DEEP_INDENT : Number.POSITIVE_INFINITY;
}

function numbersOf(properties: JsonObject): string {
  const cost = numberOf(properties['Total Cost']);
  const startup = numberOf(properties['Startup Cost']) ?? 0;
  const planned =
    cost === undefined
      ? ''
      : `  (cost=${startup.toFixed(2)}..${cost.toFixed(2)} rows=${text(properties['Plan Rows'])} width=${text(properties['Plan Width'])})`;
  const actual = actualOf(properties);
  return `${planned}${actual === '' ? '' : ` (${actual})`}`;
}

function actualOf(properties: JsonObject): string {
  const loops = numberOf(properties['Actual Loops']);
  if (loops === undefined) return '';
  if (loops === 0) return 'never executed';
  const total = numberOf(properties['Actual Total Time']);
  const rows = numberOf(properties['Actual Rows']) ?? 0;
  const time =
    total === undefined
      ? ''
      : `time=${(numberOf(properties['Actual Startup Time']) ?? 0).toFixed(3)}..${total.toFixed(3)} `;
  // 18 prints both `Disabled` and two decimals.
  const printedRows = properties['Disabled'] !== undefined || !Number.isInteger(rows) ? rows.toFixed(2) : String(rows);
  return `actual ${time}rows=${printedRows} loops=${loops}`;
}

function addNodeLines(lines: string[], margin: string, properties: JsonObject, verbose: boolean): void {
  const workers = properties['Workers'];
  if (properties['Target Tables'] === undefined && !Array.isArray(workers)) {
    addPropertyLines(lines, margin, properties, verbose);
    return;
  }
  const own = propertyLines(properties, verbose);
  const targets = targetTableLines(properties);
  if (targets.length > 0) own.splice(own[0]?.startsWith('Output: ') ? 1 : 0, 0, ...targets);
  if (Array.isArray(workers)) {
    const fractional = properties['Disabled'] !== undefined;
    for (const worker of workers) if (isJsonObject(worker)) own.push(...workerLines(worker, verbose, fractional));
  }
  for (const line of own) addLine(lines, margin, line);
}

function workerLines(worker: JsonObject, verbose: boolean, fractional: boolean): string[] {
  const actual = actualOf(fractional ? { Disabled: false, ...worker } : worker);
  const details = propertyLines(fractional ? worker : worker, verbose);
  const all = actual === '' || actual === 'never executed' ? details : [actual, ...details];
  const [first, ...rest] = all;
  if (first === undefined) return [];
  return [`Worker ${text(worker['Worker Number'])}:  ${first}`, ...rest.map((line) => `  ${line}`)];
}

function statementLines(statement: JsonObject, verbose: boolean): string[] {
  const lines: string[] = [];
  for (const [key, value] of Object.entries(statement)) {
    if (key === 'Settings' && isJsonObject(value)) {
      const settings = Object.entries(value);
      if (settings.length > 0)
        lines.push(
          `Settings: ${settings.map(([name, setting]) => `${name} = '${text(setting).replaceAll("'", "''")}'`).join(', ')}`,
        );
    } else if (key === 'Planning' && isJsonObject(value)) lines.push(...planningLines(value));
    else if (key === 'Triggers' && Array.isArray(value))
      lines.push(...triggerLines(value.filter(isJsonObject), verbose));
    else if (key === 'JIT' && isJsonObject(value)) lines.push('JIT:', ...jitLines(value).map((line) => `  ${line}`));
    else if (key === 'Serialization' && isJsonObject(value)) lines.push(...serializationLines(value));
    else if (key === 'Query Identifier') lines.push(`${key}: ${text(value)}`);
    else if (key === 'Total Runtime') lines.push(`Total runtime: ${milliseconds(value)}`);
    else if (key === 'Planning Time' || key === 'Execution Time') lines.push(`${key}: ${milliseconds(value)}`);
  }
  return lines;
}

function milliseconds(value: JsonObject[string]): string {
  return `${(numberOf(value) ?? 0).toFixed(3)} ms`;
}

function planningLines(planning: JsonObject): string[] {
  const { 'Memory Used': used, 'Memory Allocated': allocated, ...rest } = planning;
  const lines = propertyLines(rest, false);
  if (used !== undefined) lines.push(`Memory: used=${text(used)}kB  allocated=${text(allocated)}kB`);
  return lines.length === 0 ? [] : ['Planning:', ...lines.map((line) => `  ${line}`)];
}

function serializationLines(serialization: JsonObject): string[] {
  const { Time: time, 'Output Volume': volume, Format: format, ...rest } = serialization;
  const timing = time === undefined ? '' : `time=${milliseconds(time)}  `;
  return [
    `Serialization: ${timing}output=${text(volume)}kB  format=${text(format)}`,
    ...propertyLines(rest, false).map((line) => `  ${line}`),
  ];
}

/** The relation is told only where triggers of several fired; a constraint's trigger has a name of its own only with VERBOSE. */
function triggerLines(triggers: readonly JsonObject[], verbose: boolean): string[] {
  const hasSeveral = new Set(triggers.map((trigger) => trigger['Relation'])).size > 1;
  return triggers.map((trigger) => {
    const constraint =
      trigger['Constraint Name'] === undefined ? '' : ` for constraint ${text(trigger['Constraint Name'])}`;
    const name =
      trigger['Trigger Name'] === undefined || (constraint !== '' && !verbose)
        ? ''
        : ` ${text(trigger['Trigger Name'])}`;
    const relation = hasSeveral && trigger['Relation'] !== undefined ? ` on ${text(trigger['Relation'])}` : '';
    const time = trigger['Time'] === undefined ? '' : `time=${(numberOf(trigger['Time']) ?? 0).toFixed(3)} `;
    return `Trigger${name}${constraint}${relation}: ${time}calls=${text(trigger['Calls'])}`;
  });
}
