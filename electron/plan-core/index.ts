import type { Plan, PlanNode } from '#contract/plan-model.ts';
import { buildPlan } from './build-plan.ts';
import { findInsights } from './insights/index.ts';
import { nodeLabel } from './print/node-label.ts';
import { printRawPlan } from './print/print-text.ts';
import type { RawNode, RawPlan } from './raw-plan.ts';
import { readPlainText } from './read-plain-text.ts';
import { looksLikeJson, readJsonPlans, readWholeJson } from './read-json.ts';
import { readTextPlans } from './read-text.ts';
import { looksLikeXml, readXmlPlans } from './read-xml.ts';
import { looksLikeYaml, readWholeYaml, readYamlPlans } from './read-yaml.ts';
import { PlanReadError } from './plan-read-error.ts';
import { mayBeJsonRows, readJsonRows } from './structured/json-rows.ts';
import { withPlainArrows } from './source/line-decorations.ts';
import { unwrapHtmlTable } from './source/html-table.ts';
import { mayHaveRecords, readLogRecords } from './source/log-records.ts';
import { refuseJunk } from './source/refuse-junk.ts';
import type { SourceLine } from './source/source-lines.ts';
import { splitSource } from './source/source-lines.ts';
import { repairUtf16 } from './source/utf16.ts';

export { comparePlans } from './compare/index.ts';
export { anonymisePlan } from './anonymise/anonymise-plan.ts';
export { PlanReadError } from './plan-read-error.ts';

/**
 * Reads every plan in what somebody pasted: output of EXPLAIN in any of the four formats, with or without a psql frame,
 * wrapped, with a query before it, or out of the server's log.
 * @param known what the reader of the plan knows and its source does not tell; of a source with one plan
 * @param onUnreadable told of each plan of a log that could not be read while others could, with its line
 * @returns the plans in the order they stand in, with self times, buffers, estimates, and insights
 * @throws {PlanReadError} nothing in the source is a plan, or the only one is cut off
 */
export function analyzePlans(
  source: string,
  known: Pick<Plan, 'queryText' | 'serverVersion' | 'relations'> = {},
  onUnreadable: (error: PlanReadError) => void = () => {},
): Plan[] {
  const found = readPlans(source, onUnreadable);
  return found.map((raw) => {
    const text = raw.text ?? printRawPlan(raw);
    const { plan, ownMs } = buildPlan(raw, text);
    if (found.length === 1) Object.assign(plan, known);
    plan.insights = findInsights(plan, ownMs);
    return plan;
  });
}

/**
 * A plan as PostgreSQL's FORMAT TEXT prints it, whatever format it was read from.
 * @returns the text, and the 1-based lines of every node in it, by node id
 */
export function printPlanText(plan: Pick<Plan, 'nodes' | 'properties'>): {
  text: string;
  lines: { line: number; endLine: number }[];
} {
  const nodes = plan.nodes.map((node): RawNode => ({
    parent: node.parentId ?? -1,
    depth: node.depth,
    properties: node.properties,
    line: 0,
    endLine: 0,
  }));
  const raw: RawPlan = { format: 'json', nodes, statement: plan.properties ?? {} };
  const text = printRawPlan(raw);
  return { text, lines: nodes.map(({ line, endLine }) => ({ line, endLine })) };
}

/** The label of a node as FORMAT TEXT has it: `Index Scan using orders_pkey on orders o`. */
export function labelNode(node: Pick<PlanNode, 'properties'>): string {
  return nodeLabel(node.properties);
}

/**
 * Out of a server's log every plan of auto_explain, each read by itself; otherwise the source as it is. A plan of a log that
 * is cut is told to `onUnreadable`, and the others are read; it is an error where there are no others.
 */
function readPlans(pasted: string, onUnreadable: (error: PlanReadError) => void): RawPlan[] {
  const plain = readPlainText(pasted);
  if (plain) return [plain];
  // Rows of text that a client wrote as JSON, and messages of a log, may well be JSON.
  const whole = mayHaveRecords(pasted) || mayBeJsonRows(pasted) ? [] : readWholeJson(pasted);
  if (whole.length > 0) return whole;
  const source = repairUtf16(pasted);
  refuseJunk(source);
  const records = readLogRecords(source);
  if (records === null) return readSource(readJsonRows(source) ?? withPlainArrows(unwrapHtmlTable(source)));
  let firstFailure: PlanReadError | null = null;
  const read = records.flatMap(({ durationMs, body, line, hasOwnLines, indent }) => {
    try {
      const plans = readSource(body);
      for (const { statement } of plans) statement['Duration'] ??= durationMs;
      return plans;
    } catch (error) {
      if (!(error instanceof PlanReadError)) throw error;
      const failure = new PlanReadError(
        error.message,
        hasOwnLines ? line + error.line - 1 : line,
        error.column + indent,
      );
      firstFailure ??= failure;
      onUnreadable(failure);
      return [];
    }
  });
  if (read.length === 0 && firstFailure !== null) throw firstFailure;
  return read;
}

/** The format is told by its first words. What looks like one and holds no plan may still hold one of text. */
function readSource(source: string): RawPlan[] {
  let split: SourceLine[] | null = null;
  const lines = (): SourceLine[] => (split ??= splitSource(source));
  const cleaned = (): string =>
    lines()
      .map((line) => line.text)
      .join('\n');
  let failure: unknown = null;
  try {
    if (looksLikeXml(source)) return readXmlPlans(source, lines);
    if (looksLikeJson(source, cleaned)) return readJsonPlans(source, cleaned);
    const yaml = readWholeYaml(source);
    if (yaml.length > 0) return yaml;
    if (looksLikeYaml(lines())) return readYamlPlans(lines());
  } catch (error) {
    failure = error;
  }
  try {
    return readTextPlans(lines(), failure !== null);
  } catch (error) {
    const cause = failure ?? error;
    throw cause instanceof PlanReadError ? cause : new PlanReadError('The plan could not be read');
  }
}
