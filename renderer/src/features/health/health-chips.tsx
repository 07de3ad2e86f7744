import { useMemo } from 'react';

import type { HealthReport } from '#contract/health-model.ts';

import { classNames } from '../../lib/class-names.ts';
import { formatCount } from '../../lib/format-count.ts';
import { SearchField } from '../../ui/field.tsx';

import { countTones } from './health-cards.ts';
import type { ShownTone } from './health-cards.ts';
import { filterHealth, useHealth } from './health-store.ts';
import styles from './health.module.css';
import { SinceChip } from './since-chip.tsx';
import { ToneIcon } from './tone-icon.tsx';

const chips: readonly { readonly tone: ShownTone; readonly label: string }[] = [
  { tone: 'all', label: 'All' },
  { tone: 'critical', label: 'Critical' },
  { tone: 'warning', label: 'Warnings' },
  { tone: 'info', label: 'Notes' },
  { tone: 'error', label: 'Failed checks' },
  { tone: 'unknown', label: 'Cannot tell' },
  { tone: 'ok', label: 'OK' },
  { tone: 'suppressed', label: 'Suppressed' },
];

/** Chooses what the list shows: by severity or outcome, and by text. */
export function HealthChips({
  report,
  connectionId,
  savedId,
}: {
  readonly report: HealthReport;
  readonly connectionId: string;
  /** Null where the report was not kept. */
  readonly savedId: string | null;
}) {
  const filter = useHealth((state) => state.filter);
  const counts = useMemo(() => countTones(report, filter.group), [report, filter.group]);
  const all = counts.critical + counts.warning + counts.info + counts.error + counts.unknown;
  return (
    <div className={styles['chips']} role="group" aria-label="Filter">
      {chips.map(({ tone, label }) => {
        const count = tone === 'all' ? all : counts[tone];
        const chosen = filter.tone === tone;
        if (count === 0 && tone !== 'all' && !chosen) return null;
        return (
          <button
            key={tone}
            type="button"
            className={classNames(styles['chip'], chosen && styles['chipChosen'])}
            aria-pressed={chosen}
            onClick={() => filterHealth({ tone })}
          >
            {tone !== 'all' && <ToneIcon tone={tone} size={13} labelled={false} />}
            {label} <span className={styles['chipCount']}>{formatCount(count)}</span>
          </button>
        );
      })}
      <SinceChip connectionId={connectionId} shownId={savedId} />
      <SearchField
        className={styles['search']}
        label="Filter findings"
        value={filter.text}
        onValueChange={(text) => filterHealth({ text })}
      />
    </div>
  );
}
