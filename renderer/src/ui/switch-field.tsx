import { Switch as BaseSwitch } from '@base-ui/react/switch';
import type { ReactNode } from 'react';

import styles from './field.module.css';

export interface SwitchFieldProps {
  readonly label: string;
  readonly description?: ReactNode;
  readonly checked: boolean;
  readonly onCheckedChange: (checked: boolean) => void;
  readonly disabled?: boolean;
}

/** Something that is on or off, with its label beside it. */
export function SwitchField({ label, description, checked, onCheckedChange, disabled = false }: SwitchFieldProps) {
  return (
    <label className={styles['switchRow']}>
      <BaseSwitch.Root
        className={styles['switch']}
        checked={checked}
        disabled={disabled}
        onCheckedChange={(next) => onCheckedChange(next)}
        aria-label={label}
      >
        <BaseSwitch.Thumb className={styles['thumb']} />
      </BaseSwitch.Root>
      <span className={styles['switchWords']}>
        {label}
        {description !== undefined && <span className={styles['description']}>{description}</span>}
      </span>
    </label>
  );
}
