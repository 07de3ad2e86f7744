import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox';
import { Check, Minus } from 'lucide-react';

import styles from './checkbox.module.css';

export interface CheckboxProps {
  /** Its accessible name. */
  readonly label: string;
  readonly checked: boolean;
  /** Some of what it stands for is checked. */
  readonly mixed?: boolean;
  readonly onCheckedChange: (checked: boolean) => void;
}

/** A box that picks one line of a list, or all of them. For a setting use `SwitchField`. */
export function Checkbox({ label, checked, mixed = false, onCheckedChange }: CheckboxProps) {
  return (
    <BaseCheckbox.Root
      className={styles['box']}
      checked={checked}
      indeterminate={mixed}
      onCheckedChange={(next) => onCheckedChange(next)}
      aria-label={label}
    >
      <BaseCheckbox.Indicator className={styles['mark']}>
        {mixed ? <Minus size={12} strokeWidth={3} aria-hidden /> : <Check size={12} strokeWidth={3} aria-hidden />}
      </BaseCheckbox.Indicator>
    </BaseCheckbox.Root>
  );
}
