import { Radio } from '@base-ui/react/radio';
import { RadioGroup } from '@base-ui/react/radio-group';
import type { ReactNode } from 'react';

import styles from './field.module.css';

export interface SegmentedProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly label: string; readonly mark?: ReactNode }[];
  readonly value: T;
  readonly onValueChange: (value: T) => void;
}

/** A choice of one from two to five, all of them visible. */
export function Segmented<T extends string>({ label, options, value, onValueChange }: SegmentedProps<T>) {
  return (
    <RadioGroup
      aria-label={label}
      className={styles['segments']}
      value={value}
      onValueChange={(next: T) => onValueChange(next)}
    >
      {options.map((option) => (
        <Radio.Root key={option.value} value={option.value} className={styles['segment']} aria-label={option.label}>
          {option.mark}
          {option.label}
        </Radio.Root>
      ))}
    </RadioGroup>
  );
}
