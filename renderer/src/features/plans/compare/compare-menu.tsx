import { useQuery } from '@tanstack/react-query';
import { GitCompareArrows } from 'lucide-react';

import type { SavedPlan } from '#contract/plans.ts';

import { rpcQuery } from '../../../rpc/queries.ts';
import { Button } from '../../../ui/button.tsx';
import { Menu } from '../../../ui/menu.tsx';
import type { MenuEntry } from '../../../ui/menu.tsx';

import type { ShownPlan } from '../plan-store.ts';
import { otherShownPlans } from '../plan-tabs.ts';

import { compareWithPasted, openComparison, savedLabel } from './open-comparison.ts';
import type { SideChoice } from './open-comparison.ts';

const mostListed = 12;
const mostElsewhere = 6;

/** What a plan can be compared with: earlier plans of its statement, its own first run, plans of other tabs, pasted text. */
export function CompareMenu({ tabId, shown }: { readonly tabId: string; readonly shown: ShownPlan }) {
  const like = shown.index.plan.queryText;
  const { data: history = [] } = useQuery({
    ...rpcQuery('plans', 'history', { limit: 200, like: like ?? '' }),
    enabled: like !== undefined,
  });
  const { firstRun } = shown;
  const kept = history.filter(({ id }) => id !== shown.savedId && id !== firstRun?.savedId);
  const [here, elsewhere] = [
    kept.filter((saved) => isFrom(saved, shown)),
    kept.filter((saved) => !isFrom(saved, shown)),
  ];
  const first = firstRun === null ? undefined : history.find(({ id }) => id === firstRun.savedId);
  const tabs = otherShownPlans(tabId).filter(({ shown: theirs }) => !history.some(({ id }) => id === theirs.savedId));
  const groups: MenuEntry[][] = [
    first === undefined ? [] : [{ label: 'With the first run', onSelect: () => compareSaved(shown, first) }],
    here
      .slice(0, mostListed)
      .map((saved) => ({ label: savedLabel(saved), onSelect: () => compareSaved(shown, saved) })),
    elsewhere
      .slice(0, mostElsewhere)
      .map((saved) => ({ label: savedLabel(saved, true), onSelect: () => compareSaved(shown, saved) })),
    tabs.slice(0, mostElsewhere).map(({ tab, shown: theirs }) => ({
      label: `With ${tab.title}`,
      onSelect: () => inOrder({ kind: 'shown', title: tab.title, shown: theirs }, theirs.takenAt, shown),
    })),
    [{ label: 'With a pasted plan…', onSelect: () => void compareWithPasted(shown) }],
  ];
  const entries = groups
    .filter((group) => group.length > 0)
    .flatMap((group, at): MenuEntry[] => (at === 0 ? group : ['separator', ...group]));
  return (
    <Menu
      align="end"
      trigger={
        <Button icon={GitCompareArrows} look="quiet">
          {here.length > 0 ? `Compare · ${here.length} kept` : 'Compare'}
        </Button>
      }
      entries={entries}
    />
  );
}

/** Plans of one statement on two servers are two things. */
function isFrom(saved: SavedPlan, { origin }: ShownPlan): boolean {
  return origin === null || (saved.connectionId === origin.connectionId && saved.database === origin.database);
}

function compareSaved(shown: ShownPlan, saved: SavedPlan): void {
  inOrder({ kind: 'saved', saved }, saved.takenAt, shown);
}

/** The older one is the plan before; one of unknown age counts as older than what is on screen. */
function inOrder(other: SideChoice, takenAt: string | null, shown: ShownPlan): void {
  const self: SideChoice = { kind: 'shown', title: 'This plan', shown };
  const isLater = takenAt !== null && shown.takenAt !== null && Date.parse(takenAt) > Date.parse(shown.takenAt);
  if (isLater) openComparison(self, other);
  else openComparison(other, self);
}
