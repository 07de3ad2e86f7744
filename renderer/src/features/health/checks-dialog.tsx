import { useQuery } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { create } from 'zustand';

import type { UsedThreshold } from '#contract/health-model.ts';
import type { DescribedCheck, Suppression } from '#contract/health.ts';

import { formatAbsolute } from '../../lib/relative-time.ts';
import { client } from '../../rpc/client.ts';
import { useConnections } from '../../rpc/live-lists.ts';
import { queryClient, rpcKey, rpcQuery } from '../../rpc/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogSpacer } from '../../ui/dialog.tsx';
import { SearchField, TextField } from '../../ui/field.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { SwitchField } from '../../ui/switch-field.tsx';
import { showFailureToast } from '../../ui/toast.tsx';

import styles from './checks-dialog.module.css';
import { refreshReports } from './health-store.ts';
import { groupLabels } from './health-words.ts';
import tones from './tones.module.css';

const useOpen = create<{ readonly open: boolean }>(() => ({ open: false }));

/** Opens the list of all checks with their thresholds, and of what is suppressed. */
export function openChecksDialog(): void {
  useOpen.setState({ open: true });
}

type Part = 'thresholds' | 'optional' | 'suppressed';

/** All checks with the numbers they compare with, the ones that are asked only on request, and what is suppressed. */
export function ChecksDialog() {
  return useOpen(({ open }) => open) ? <OpenDialog /> : null;
}

function OpenDialog() {
  const [part, setPart] = useState<Part>('thresholds');
  const [text, setText] = useState('');
  const checks = useQuery(rpcQuery('health', 'checks'));
  const close = () => useOpen.setState({ open: false });
  const needle = text.trim().toLowerCase();
  const matching = (checks.data ?? []).filter(({ id, title, group }) =>
    `${id} ${title} ${groupLabels[group]}`.toLowerCase().includes(needle),
  );
  return (
    <Dialog
      open
      onOpenChange={(next) => {
        if (!next) close();
      }}
      title="Health checks"
      description="What counts as too much, which opinions are asked for, and what is accepted. Kept in health-rules.json of the data folder, for every connection."
      size="large"
      footer={
        <>
          <DialogSpacer />
          <Button look="primary" onClick={close}>
            Close
          </Button>
        </>
      }
    >
      <div className={styles['head']}>
        <Segmented
          label="Part"
          options={[
            { value: 'thresholds', label: 'Thresholds' },
            { value: 'optional', label: 'Asked on request' },
            { value: 'suppressed', label: 'Suppressed' },
          ]}
          value={part}
          onValueChange={setPart}
        />
        {part !== 'suppressed' && <SearchField label="Filter checks" value={text} onValueChange={setText} />}
      </div>
      <div className={styles['list']}>
        {checks.data === undefined ? (
          <SkeletonRows rows={10} label="Reading the checks" />
        ) : part === 'thresholds' ? (
          matching
            .filter(({ thresholds }) => thresholds.length > 0)
            .map((check) => <Thresholds key={check.id} check={check} />)
        ) : part === 'optional' ? (
          matching
            .filter(({ onlyWhenAsked }) => onlyWhenAsked)
            .map((check) => (
              <SwitchField
                key={check.id}
                label={`${check.title} (${check.id})`}
                description={check.why}
                checked={check.asked}
                onCheckedChange={(asked) => void changed(client.health.setAsked({ check: check.id, asked }))}
              />
            ))
        ) : (
          <Suppressions />
        )}
      </div>
    </Dialog>
  );
}

async function changed(change: Promise<DescribedCheck[]>): Promise<void> {
  try {
    queryClient.setQueryData(rpcKey('health', 'checks'), await change);
    await queryClient.invalidateQueries({ queryKey: rpcKey('health', 'checks') });
  } catch (error) {
    showFailureToast(error);
  }
}

function Thresholds({ check }: { readonly check: DescribedCheck }) {
  return (
    <section className={styles['check']} aria-label={check.title}>
      <h3 className={styles['title']}>
        {check.title} <span className={tones['checkId']}>{check.id}</span>
      </h3>
      <div className={styles['fields']}>
        {check.thresholds.map((threshold) => (
          <ThresholdField key={threshold.name} check={check.id} threshold={threshold} />
        ))}
      </div>
    </section>
  );
}

function ThresholdField({ check, threshold }: { readonly check: string; readonly threshold: UsedThreshold }) {
  const scale = scaleOf(threshold);
  const [text, setText] = useState<string | null>(null);
  const shown = text ?? String(threshold.value / scale.factor);
  const value = Number(shown) * scale.factor;
  const error = shown.trim() === '' || !Number.isFinite(value) || value < 0 ? 'A number that is not negative' : null;
  const set = (next: number | null) =>
    void changed(client.health.setThreshold({ check, name: threshold.name, value: next })).then(() => setText(null));
  return (
    <div className={styles['field']}>
      <TextField
        label={`${threshold.label}${scale.unit === '' ? '' : `, ${scale.unit}`}`}
        value={shown}
        inputMode="decimal"
        mono
        error={error}
        onValueChange={setText}
        onBlur={() => {
          if (text !== null && error === null && value !== threshold.value) set(value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && error === null) set(value);
        }}
      />
      {threshold.value !== threshold.usual && (
        <IconButton
          icon={RotateCcw}
          label={`Back to ${threshold.usual / scale.factor}`}
          size="small"
          onClick={() => set(null)}
        />
      )}
    </div>
  );
}

/** Sizes are edited in the largest unit that keeps the usual value whole, shares as percentages. */
function scaleOf({ unit, usual }: UsedThreshold): { readonly factor: number; readonly unit: string } {
  switch (unit) {
    case 'bytes': {
      const units = [
        [1024 ** 3, 'GB'],
        [1024 ** 2, 'MB'],
        [1024, 'kB'],
      ] as const;
      const [factor, name] = units.find(([size]) => usual >= size && usual % size === 0) ?? [1, 'bytes'];
      return { factor, unit: name };
    }
    case 'ratio':
      return usual <= 1 ? { factor: 0.01, unit: '%' } : { factor: 1, unit: 'times' };
    case 'milliseconds':
      return { factor: 1, unit: 'ms' };
    case 'count':
      return { factor: 1, unit: '' };
    case 'days':
    case 'rows':
    case 'seconds':
      return { factor: 1, unit };
  }
}

function Suppressions() {
  const { data } = useQuery(rpcQuery('health', 'suppressions'));
  const connections = useConnections().data ?? [];
  if (data === undefined) return <SkeletonRows rows={4} label="Reading what is suppressed" />;
  if (data.length === 0) return <p className={styles['none']}>Nothing is suppressed. A finding has a button for it.</p>;
  const where = (rule: Suppression) =>
    rule.connectionId === null
      ? 'everywhere'
      : (connections.find(({ id }) => id === rule.connectionId)?.name ?? 'a connection that is gone');
  async function takeBack(rule: Suppression): Promise<void> {
    try {
      await client.health.unsuppress({ id: rule.id });
      await refreshReports(rule.connectionId ?? '');
    } catch (error) {
      showFailureToast(error);
    }
  }
  return data.map((rule) => (
    <div key={rule.id} className={styles['rule']}>
      <span className={styles['ruleWords']}>
        <strong>
          {rule.check} {rule.object ?? 'everything'}
        </strong>{' '}
        on {where(rule)}: {rule.reason}
        <span className={styles['dim']}>
          {rule.by}, {formatAbsolute(rule.at).slice(0, 10)},{' '}
          {rule.until === null
            ? 'for good'
            : `${Date.parse(rule.until) < Date.now() ? 'ended' : 'until'} ${formatAbsolute(rule.until).slice(0, 10)}`}
        </span>
      </span>
      <Button size="small" onClick={() => void takeBack(rule)}>
        Report again
      </Button>
    </div>
  ));
}
