import { existsSync } from 'node:fs';

import type { PlanComparison } from '#contract/plan-comparison.ts';
import type { Plan } from '#contract/plan-model.ts';

import { compareInWorker } from '../../../services/plans/analyze-in-worker.ts';
import { CliEnd, exitCodes } from '../exit-codes.ts';
import { visible, writeJson, writeLine } from '../output.ts';
import { orEnd, readPlanFile } from './plan-command.ts';

export interface PlanCompareOptions {
  readonly failOnSlower?: string;
  readonly json?: boolean;
}

/**
 * `steward plan compare A B`: what differs between two plans and why. Needs no server and no data folder.
 *
 * `--json` writes one object: `{ before, after, comparison }`. The two plans are as in `plan analyze --json`, without
 * their text; `comparison` is `planComparisonSchema` of the contract: `verdict`, `basis`, `factor`, `headline`,
 * `notes`, `totals`, `pairs` (node ids of the two plans), `rankedBy`, `differences` and `causes`. Keys are only added.
 *
 * Ends with 2 when a plan cannot be read, and with 1 when the plan after is slower by more than `--fail-on-slower`.
 */
export async function comparePlanFiles(before: string, after: string, options: PlanCompareOptions): Promise<void> {
  const limit = options.failOnSlower === undefined ? null : Number(options.failOnSlower);
  if (limit !== null && !(limit >= 1))
    throw new CliEnd(
      exitCodes.usage,
      `--fail-on-slower takes a factor of 1 or more, not ${options.failOnSlower ?? ''}`,
    );
  const [one, other] = [readChoice(before), readChoice(after)];
  if (one.file === '-' && other.file === '-')
    throw new CliEnd(exitCodes.usage, 'Only one of the two plans can come from standard input');
  const source = async ({ file, number }: Choice) => ({
    name: file === '-' ? 'standard input' : file,
    source: await readPlanFile(file),
    number,
  });
  const compared = await orEnd(compareInWorker(await source(one), await source(other)));
  const { comparison } = compared;
  const isTimed = comparison.basis === 'time';
  if (limit !== null && isTimed && (comparison.factor ?? 1) > limit && comparison.verdict === 'slower')
    process.exitCode = exitCodes.no;
  if (options.json) writeJson({ before: withoutText(compared.before), after: withoutText(compared.after), comparison });
  else writeComparison(comparison);
  if (limit !== null && !isTimed)
    process.stderr.write(
      'Warning: --fail-on-slower needs two plans of EXPLAIN ANALYZE; there are no times to compare.\n',
    );
}

type Choice = { readonly file: string; readonly number: number };

/** `FILE#2` is the second plan of a file, unless there is a file of that name. */
function readChoice(argument: string): Choice {
  const found = /^(.+)#([1-9]\d{0,5})$/.exec(argument);
  if (found?.[1] === undefined || existsSync(argument)) return { file: argument, number: 1 };
  return { file: found[1], number: Number(found[2]) };
}

function withoutText(plan: Plan): Omit<Plan, 'text'> {
  const { text: _, ...rest } = plan;
  return rest;
}

function writeComparison(comparison: PlanComparison): void {
  writeLine(visible(comparison.headline));
  for (const note of comparison.notes) writeLine(visible(note));
  const { differences, causes, pairs } = comparison;
  const count = (test: (pair: (typeof pairs)[number]) => boolean): number => pairs.filter(test).length;
  writeLine(
    `${count(({ beforeId, afterId }) => beforeId !== null && afterId !== null)} nodes matched, ${count(({ changes }) => changes.length > 0)} of them changed; ${count(({ afterId }) => afterId === null)} removed, ${count(({ beforeId }) => beforeId === null)} added`,
  );
  writeList('What matters', differences);
  writeList('Why, as far as the plans show it', causes);
}

function writeList(heading: string, entries: readonly { title: string; message: string }[]): void {
  if (entries.length === 0) return;
  writeLine();
  writeLine(heading);
  for (const { title, message } of entries) {
    writeLine(`  ${visible(title)}`);
    writeLine(`    ${visible(message)}`);
  }
}
