import { useQuery } from '@tanstack/react-query';
import { GitCompareArrows } from 'lucide-react';

import { rpcQuery } from '../../../rpc/queries.ts';
import { Button } from '../../../ui/button.tsx';
import { Menu } from '../../../ui/menu.tsx';
import type { MenuEntry } from '../../../ui/menu.tsx';

import type { ShownPlan } from '../plan-store.ts';
import { otherShownPlans } from '../plan-tabs.ts';

import { compareWithPasted, openComparison, savedLabel } from './open-comparison.ts';

const mostListed = 12;

/** What a plan can be compared with: earlier plans of its statement, its own first run, plans of other tabs, pasted text. */
export function CompareMenu({ tabId, shown }: { readonly tabId: string; readonly shown: ShownPlan }) {
  const like = shown.index.plan.queryText;
  const { data: history = [] } = useQuery({
    ...rpcQuery('plans', 'history', { limit: 50, like: like ?? '' }),
    enabled: like !== undefined,
  });
  const self = { kind: 'shown', title: 'This plan', shown } as const;
  const { firstRun, takenAt } = shown;
  const first = firstRun === null ? undefined : history.find(({ id }) => id === firstRun.savedId);
  const others = history.filter(({ id }) => id !== shown.savedId && id !== firstRun?.savedId).slice(0, mostListed);
  const entries: MenuEntry[] = [];
  if (first !== undefined)
    entries.push({
      label: 'With the first run',
      onSelect: () => openComparison({ kind: 'saved', saved: first }, self),
    });
  for (const saved of others) {
    const isLater = takenAt !== null && Date.parse(saved.takenAt) > Date.parse(takenAt);
    const other = { kind: 'saved', saved } as const;
    entries.push({
      label: savedLabel(saved),
      onSelect: () => (isLater ? openComparison(self, other) : openComparison(other, self)),
    });
  }
  for (const { tab, shown: theirs } of otherShownPlans(tabId).slice(0, mostListed))
    if (theirs.savedId === null || !history.some(({ id }) => id === theirs.savedId))
      entries.push({
        label: `With ${tab.title}`,
        onSelect: () => openComparison({ kind: 'shown', title: tab.title, shown: theirs }, self),
      });
  if (entries.length > 0) entries.push('separator');
  entries.push({
    label: 'With a pasted plan…',
    onSelect: () => void compareWithPasted(shown),
  });
  return (
    <Menu
      align="end"
      trigger={
        <Button icon={GitCompareArrows} look="quiet">
          {others.length > 0 ? `Compare · ${others.length} kept` : 'Compare'}
        </Button>
      }
      entries={entries}
    />
  );
}
