import { Check, ChevronDown, X } from 'lucide-react';
import { useEffect, useRef } from 'react';

import { type AuditEntry, auditActions, auditOutcomes } from '#contract/audit.ts';

import { classNames } from '../../lib/class-names.ts';
import { useConnections } from '../../rpc/live-lists.ts';
import { Button } from '../../ui/button.tsx';
import { SearchField } from '../../ui/field.tsx';
import { Menu } from '../../ui/menu.tsx';

import { everything, filterAudit, useAudit } from './audit-store.ts';
import styles from './audit.module.css';
import { actionWords, outcomeWords, rangeWords } from './audit-words.ts';
import type { TimeRange } from './audit-words.ts';

/** Chooses what the list shows: by text, connection, action, outcome and time. */
export function AuditFilters({ entries }: { readonly entries: readonly AuditEntry[] }) {
  const filter = useAudit((state) => state.filter);
  const searchAsked = useAudit((state) => state.searchAsked);
  const place = useRef<HTMLDivElement>(null);
  const connections = useConnectionNames(entries);
  useEffect(() => {
    if (searchAsked > 0) place.current?.querySelector('input')?.select();
  }, [searchAsked]);
  const narrowed = filter !== everything && JSON.stringify(filter) !== JSON.stringify(everything);
  return (
    <div ref={place} className={styles['filters']} role="group" aria-label="Filter">
      <SearchField
        className={styles['search']}
        label="Search SQL, errors, names"
        maxLength={1000}
        value={filter.search}
        onValueChange={(search) => filterAudit({ search })}
      />
      <FilterChip
        name="Connection"
        value={filter.connectionId}
        options={[...connections]}
        onChoose={(connectionId) => filterAudit({ connectionId })}
      />
      <FilterChip
        name="Action"
        value={filter.action}
        options={auditActions.map((action) => [action, actionWords[action]] as const)}
        onChoose={(action) => filterAudit({ action })}
      />
      <FilterChip
        name="Outcome"
        value={filter.outcome}
        options={auditOutcomes.map((outcome) => [outcome, outcomeWords[outcome].word] as const)}
        onChoose={(outcome) => filterAudit({ outcome })}
      />
      <FilterChip
        name="Time"
        value={filter.range === 'any' ? null : filter.range}
        options={ranges.map((range) => [range, rangeWords[range]] as const)}
        onChoose={(range) => filterAudit({ range: range ?? 'any' })}
      />
      {narrowed && (
        <Button look="quiet" size="small" icon={X} onClick={() => filterAudit(everything)}>
          Clear
        </Button>
      )}
    </div>
  );
}

const ranges = ['hour', 'day', 'week', 'month'] as const satisfies readonly TimeRange[];

interface FilterChipProps<T extends string> {
  readonly name: string;
  readonly value: T | null;
  readonly options: readonly (readonly [T, string])[];
  readonly onChoose: (value: T | null) => void;
}

/** A chip that opens the values of one filter, and says the one that is chosen. */
function FilterChip<T extends string>({ name, value, options, onChoose }: FilterChipProps<T>) {
  const chosen = options.find(([option]) => option === value)?.[1] ?? value;
  const entry = (option: T | null, label: string) => ({
    label,
    ...(option === value ? { icon: Check } : {}),
    onSelect: () => onChoose(option),
  });
  return (
    <Menu
      trigger={
        <button
          type="button"
          className={classNames(styles['chip'], value !== null && styles['chipChosen'])}
          aria-label={`${name}: ${chosen ?? 'any'}`}
        >
          {chosen ?? name}
          <ChevronDown size={12} aria-hidden />
        </button>
      }
      entries={[entry(null, 'Any'), 'separator', ...options.map(([option, label]) => entry(option, label))]}
    />
  );
}

/** Saved connections, and those that are gone but were told of. */
function useConnectionNames(entries: readonly AuditEntry[]): ReadonlyMap<string, string> {
  const { data: saved = [] } = useConnections();
  const names = new Map(saved.map(({ id, name }) => [id, name]));
  for (const { connectionId, connectionName } of entries)
    if (connectionId !== null && connectionName !== null && !names.has(connectionId))
      names.set(connectionId, `${connectionName} (removed)`);
  return names;
}
