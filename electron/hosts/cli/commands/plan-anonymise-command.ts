import { printPlansJson } from '../../../plan-core/anonymise/print-json.ts';
import { analyzeInWorker } from '../../../services/plans/analyze-in-worker.ts';
import { anonymisePlan } from '../../../plan-core/index.ts';
import { writeLine } from '../output.ts';
import { orEnd, readPlanFile } from './plan-command.ts';

/**
 * `steward plan anonymise FILE|-`: every plan in it without its names and values, as FORMAT TEXT; with `--json` as one
 * document of FORMAT JSON. Needs no server and no data folder. The query is left out, and there is no option to keep it.
 */
export async function anonymisePlanFile(file: string, options: { json?: boolean }): Promise<void> {
  const source = await readPlanFile(file);
  const plans = (await orEnd(analyzeInWorker(source))).map((plan) => anonymisePlan(plan));
  if (options.json) writeLine(printPlansJson(plans));
  else writeLine(plans.map(({ text }) => text).join('\n\n'));
}
