import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';

import type { Plan } from '#contract/plan-model.ts';

import { toFailure } from '../../../postgres/failure.ts';
import { analyzeInWorker } from '../../../services/plans/analyze-in-worker.ts';
import { CliEnd, exitCodes } from '../exit-codes.ts';
import { visible, writeJson, writeLine } from '../output.ts';

/** `steward plan analyze FILE|-`: reads plans of any format. Needs no server and no data folder. */
export async function analyzePlan(file: string, options: { json?: boolean }): Promise<void> {
  const source = await readPlanFile(file);
  const plans = await orEnd(analyzeInWorker(source));
  if (options.json) writeJson({ plans: plans.map((plan) => ({ ...plan, text: undefined })) });
  else for (const plan of plans) writePlan(plan);
}

/** The text of a file, or of standard input for `-`; ends with 2 when there is none. */
export async function readPlanFile(file: string): Promise<string> {
  let source: string;
  try {
    source = file === '-' ? await readStream(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new CliEnd(exitCodes.usage, `${file} cannot be read: ${toFailure(error).message}`);
  }
  if (source.trim() === '')
    throw new CliEnd(
      exitCodes.usage,
      file === '-' ? 'There is nothing to read' : `There is nothing to read in ${file}`,
      'Give the output of EXPLAIN.',
    );
  return source;
}

/** What a plan worker answers; ends with 2 when the text is no plan. */
export async function orEnd<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    const failure = toFailure(error);
    throw new CliEnd(failure.code === 'bad_input' ? exitCodes.usage : exitCodes.failed, failure.message, failure.hint);
  }
}

function writePlan(plan: Plan): void {
  const lines = plan.text.split('\n');
  const byLine = new Map(plan.nodes.map((node) => [node.line, node]));
  for (const [index, line] of lines.entries()) {
    const node = byLine.get(index + 1);
    const self = node?.selfMs === undefined ? '' : `${node.selfMs.toFixed(2)} ms`;
    writeLine(`${self.padStart(14)}  ${visible(line)}`);
  }
  for (const insight of plan.insights) {
    writeLine();
    writeLine(
      `${insight.severity}: ${visible(insight.title)}${insight.savedMs === undefined ? '' : ` (up to ${insight.savedMs.toFixed(1)} ms)`}`,
    );
    writeLine(`  ${visible(insight.message)}`);
    if (insight.sql) writeLine(`  ${insight.sql.replaceAll('\n', '\n  ')}`);
  }
}
