import type { Ref } from 'react';

import { classNames } from '../../lib/class-names.ts';
import { formatCount } from '../../lib/format-count.ts';
import { SearchField } from '../../ui/field.tsx';
import { Segmented } from '../../ui/segmented.tsx';

import { type FleetFilter, type FleetGrouping, fleetFilters } from './fleet-model.ts';
import { showFleet, useFleet } from './fleet-store.ts';
import styles from './fleet.module.css';
import { statusWords } from './status-words.ts';

const labels: Readonly<Record<FleetFilter, string>> = {
  all: 'All',
  attention: 'Need attention',
  unreachable: 'Unreachable',
  critical: 'Critical',
  warning: 'Warning',
  unknown: 'Unknown',
  fine: 'Fine',
};

const groupings: readonly { readonly value: FleetGrouping; readonly label: string }[] = [
  { value: 'none', label: 'No groups' },
  { value: 'folder', label: 'Folder' },
  { value: 'environment', label: 'Environment' },
];

export interface FleetToolbarProps {
  readonly counts: Readonly<Record<FleetFilter, number>>;
  readonly searchRef: Ref<HTMLInputElement>;
  /** From the search field into the table. */
  readonly onLeaveSearch: () => void;
}

/** How many need attention and why, each a filter; the search; the grouping. */
export function FleetToolbar({ counts, searchRef, onLeaveSearch }: FleetToolbarProps) {
  const { filter, search, grouping } = useFleet();
  return (
    <div className={styles['toolbar']}>
      <div className={styles['chips']} role="group" aria-label="Filter by status">
        {fleetFilters.map((one) => {
          const words = one === 'all' || one === 'attention' ? null : statusWords[one];
          const Icon = words?.icon;
          return (
            <button
              key={one}
              type="button"
              className={classNames(styles['chip'], filter === one && styles['chipChosen'])}
              aria-pressed={filter === one}
              data-none={counts[one] === 0 ? '' : undefined}
              onClick={() => showFleet({ filter: filter === one ? 'all' : one })}
            >
              {Icon !== undefined && words !== null && (
                <Icon size={13} className={counts[one] > 0 ? styles[words.tone] : undefined} aria-hidden />
              )}
              {labels[one]} <span className={styles['chipCount']}>{formatCount(counts[one])}</span>
            </button>
          );
        })}
      </div>
      <SearchField
        ref={searchRef}
        className={styles['search']}
        label="Search the fleet"
        placeholder="Search"
        value={search}
        onValueChange={(next) => showFleet({ search: next })}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
          event.preventDefault();
          onLeaveSearch();
        }}
      />
      <Segmented
        label="Group by"
        options={groupings}
        value={grouping}
        onValueChange={(next) => showFleet({ grouping: next })}
      />
    </div>
  );
}
