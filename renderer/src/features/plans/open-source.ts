import { showFailureToast } from '../../ui/toast.tsx';
import { showSectionHome } from '../../workbench/workbench-store.ts';

import { openPastedPlan } from './plan-tabs.ts';
import { readPlans } from './reader/plan-reader.ts';

/** More plans than this are listed in Plans rather than opened each in its tab. */
const mostOpened = 10;

/** Opens every plan of a text or file in a tab of its own. Says why where there is none. */
export async function openPlansOf(source: string | Blob): Promise<void> {
  try {
    const found = await readPlans(source);
    try {
      if (found.plans.length > mostOpened) showSectionHome('plans');
      for (const [place, plan] of found.plans.slice(0, mostOpened).entries())
        openPastedPlan(plan.title, await found.open(place));
    } finally {
      found.close();
    }
  } catch (error) {
    showFailureToast(error, 'This is not read as a plan');
  }
}

/** Opens what is on the clipboard. */
export async function openPlansOfClipboard(): Promise<void> {
  let text: string;
  try {
    text = await navigator.clipboard.readText();
  } catch (error) {
    // The browser did not let us: there the user pastes.
    showSectionHome('plans');
    showFailureToast(error, 'The clipboard could not be read');
    return;
  }
  await openPlansOf(text);
}
