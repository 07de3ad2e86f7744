import { SlidersHorizontal } from 'lucide-react';
import { useEffect, useState } from 'react';

import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Popover } from '../../ui/popover.tsx';
import { SwitchField } from '../../ui/switch-field.tsx';

import { readExplainOptions, setExplainOptions, useExplainOptions } from './explain-options-store.ts';
import styles from './plans.module.css';

/** How plans are asked for. What is chosen is remembered. */
export function ExplainOptionsButton() {
  useEffect(() => {
    void readExplainOptions();
  }, []);
  const options = useExplainOptions();
  return (
    <Popover
      label="Options of explain"
      align="end"
      className={styles['options']}
      trigger={
        <Button icon={SlidersHorizontal} look="quiet">
          Options
        </Button>
      }
    >
      <SwitchField
        label="Verbose"
        description="Output columns and full names"
        checked={options.verbose}
        onCheckedChange={(verbose) => setExplainOptions({ verbose })}
      />
      <SwitchField
        label="Settings"
        description="Planner settings that differ from their defaults"
        checked={options.settings}
        onCheckedChange={(settings) => setExplainOptions({ settings })}
      />
      <SwitchField
        label="WAL"
        description="Records written; with Explain analyze"
        checked={options.wal}
        onCheckedChange={(wal) => setExplainOptions({ wal })}
      />
      <SwitchField
        label="Generic plan"
        description="For parameters like $1 without values; without analyze, PostgreSQL 16 and later"
        checked={options.genericPlan}
        onCheckedChange={(genericPlan) => setExplainOptions({ genericPlan })}
      />
      <TimeoutField timeoutMs={options.timeoutMs} />
    </Popover>
  );
}

function TimeoutField({ timeoutMs }: { readonly timeoutMs: number }) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? (timeoutMs === 0 ? '' : String(timeoutMs / 1000));
  const seconds = text.trim() === '' ? 0 : Number(text);
  const valid = Number.isFinite(seconds) && seconds >= 0 && seconds <= 2_000_000;
  return (
    <TextField
      label="Timeout in seconds"
      inputMode="decimal"
      placeholder="none"
      description="The server stops the statement after this time."
      error={valid ? null : 'Give a number of seconds, or nothing.'}
      value={text}
      onValueChange={(next) => {
        setTyped(next);
        const value = next.trim() === '' ? 0 : Number(next);
        if (Number.isFinite(value) && value >= 0 && value <= 2_000_000)
          setExplainOptions({ timeoutMs: Math.round(value * 1000) });
      }}
    />
  );
}
