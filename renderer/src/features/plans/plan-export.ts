import { copyText } from '../../lib/copy-text.ts';
import { saveFile } from '../../lib/save-file.ts';
import { showFailureToast, showToast } from '../../ui/toast.tsx';

import { diagramAsPng, diagramAsSvg } from './diagram/diagram-picture.ts';
import type { PlanIndex } from './reader/plan-index.ts';
import { anonymisedText } from './reader/plan-reader.ts';
import { nothingFolded } from './tree/tree-rows.ts';
import type { PlanFolding } from './tree/tree-rows.ts';

/** Copies the plan as PostgreSQL printed it. */
export async function copyPlan(index: PlanIndex): Promise<void> {
  await tell('Plan copied', 'Not copied', () => copyText(index.plan.text));
}

/** Copies the plan with every name and constant replaced. */
export async function copyAnonymised(index: PlanIndex): Promise<void> {
  await tell('Anonymised plan copied', 'Not copied', async () => copyText(await anonymised(index)));
}

/** Saves the plan as PostgreSQL printed it. */
export async function savePlanText(index: PlanIndex): Promise<void> {
  await save('plan.txt', () => new Blob([index.plan.text, '\n'], { type: 'text/plain' }));
}

/** Saves the plan with every name and constant replaced. */
export async function saveAnonymised(index: PlanIndex): Promise<void> {
  await save('plan-anonymised.txt', async () => new Blob([await anonymised(index), '\n'], { type: 'text/plain' }));
}

/** Saves the diagram, folded as it is on screen. */
export async function saveDiagramSvg(index: PlanIndex, folding: PlanFolding = nothingFolded): Promise<void> {
  await save('plan.svg', () => new Blob([diagramAsSvg(index, folding)], { type: 'image/svg+xml' }));
}

/** Saves the diagram, folded as it is on screen. */
export async function saveDiagramPng(index: PlanIndex, folding: PlanFolding = nothingFolded): Promise<void> {
  await save('plan.png', () => diagramAsPng(index, folding));
}

function anonymised({ plan }: PlanIndex): Promise<string> {
  return anonymisedText({ source: plan.text, place: 0, queryText: plan.queryText ?? null });
}

async function save(name: string, make: () => Blob | Promise<Blob>): Promise<void> {
  await tell(`Saved ${name}`, 'Not saved', async () => saveFile(name, await make()));
}

async function tell(done: string, failed: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
    showToast({ kind: 'good', title: done });
  } catch (error) {
    showFailureToast(error, failed);
  }
}
