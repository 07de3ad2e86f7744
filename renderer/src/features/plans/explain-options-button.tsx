import { SlidersHorizontal } from 'lucide-react';
import { useEffect, useState } from 'react';

import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Popover } from '../../ui/popover.tsx';
import { Select } from '../../ui/select.tsx';
import { SwitchField } from '../../ui/switch-field.tsx';

import type { ExplainOptions } from './explain-options.ts';
import { readExplainOptions, setExplainOptions, useExplainOptions } from './explain-options-store.ts';
import styles from './plans.module.css';

type SwitchOption = {
  [Key in keyof ExplainOptions]: ExplainOptions[Key] extends boolean ? Key : never;
}[keyof ExplainOptions];

const switches: readonly { readonly option: SwitchOption; readonly label: string; readonly description: string }[] = [
  { option: 'buffers', label: 'Buffers', description: 'Blocks touched, and where from; with analyze' },
  { option: 'timing', label: 'Timing', description: 'Time of each node; off where clocks are slow' },
  { option: 'warm', label: 'Warm run', description: 'Runs it twice and shows the second run' },
  { option: 'verbose', label: 'Verbose', description: 'Output columns, full names, workers' },
  { option: 'settings', label: 'Settings', description: 'Planner settings that differ from their defaults' },
  { option: 'wal', label: 'WAL', description: 'Records written; with analyze' },
  { option: 'memory', label: 'Memory', description: 'What the planner took; PostgreSQL 17' },
  { option: 'genericPlan', label: 'Generic plan', description: 'For $1 without values; without analyze' },
];

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
      <div className={styles['optionColumns']}>
        {switches.map(({ option, label, description }) => (
          <SwitchField
            key={option}
            label={label}
            description={description}
            checked={options[option]}
            onCheckedChange={(checked) => setExplainOptions({ [option]: checked })}
          />
        ))}
        <Select
          label="Serialize"
          description="Converts the result as if it were sent; PostgreSQL 17"
          value={options.serialize}
          onValueChange={(serialize) => setExplainOptions({ serialize })}
          options={[
            { value: 'none', label: 'Off' },
            { value: 'text', label: 'Text' },
            { value: 'binary', label: 'Binary' },
          ]}
        />
        <TimeoutField timeoutMs={options.timeoutMs} />
      </div>
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
      placeholder="as the connection has it"
      description="Instead of the connection’s own limit: the server stops the statement then."
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
