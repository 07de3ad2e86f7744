import { Field as BaseField } from '@base-ui/react/field';
import { Select as BaseSelect } from '@base-ui/react/select';
import { Check, ChevronsUpDown } from 'lucide-react';
import type { ReactNode } from 'react';

import { classNames } from '../lib/class-names.ts';

import fieldStyles from './field.module.css';
import styles from './popup.module.css';

export interface SelectOption<T extends string> {
  readonly value: T;
  readonly label: string;
  /** Stands before the label: a colour, an icon. */
  readonly mark?: ReactNode;
  readonly description?: string;
}

export interface SelectProps<T extends string> {
  readonly label: string;
  /** Keeps the label for screen readers only. */
  readonly labelHidden?: boolean;
  readonly options: readonly SelectOption<T>[];
  readonly value: T;
  readonly onValueChange: (value: T) => void;
  readonly description?: string;
  readonly disabled?: boolean;
  readonly className?: string | undefined;
}

/** A choice of one from a short list. */
export function Select<T extends string>({
  label,
  labelHidden = false,
  options,
  value,
  onValueChange,
  description,
  disabled = false,
  className,
}: SelectProps<T>) {
  const chosen = options.find((option) => option.value === value);
  return (
    <BaseField.Root className={classNames(fieldStyles['field'], className)}>
      <BaseField.Label
        className={labelHidden ? 'visually-hidden' : fieldStyles['label']}
        nativeLabel={false}
        render={<div />}
      >
        {label}
      </BaseField.Label>
      <BaseSelect.Root
        items={options.map((option) => ({ value: option.value, label: option.label }))}
        value={value}
        disabled={disabled}
        modal={false}
        onValueChange={(next) => {
          if (next !== null) onValueChange(next);
        }}
      >
        <BaseSelect.Trigger className={classNames(fieldStyles['control'], fieldStyles['selectTrigger'])}>
          {chosen?.mark}
          <BaseSelect.Value className={fieldStyles['selectValue']} />
          <BaseSelect.Icon className={fieldStyles['selectIcon']}>
            <ChevronsUpDown size={13} aria-hidden />
          </BaseSelect.Icon>
        </BaseSelect.Trigger>
        <BaseSelect.Portal>
          <BaseSelect.Positioner
            className={styles['positioner']}
            alignItemWithTrigger={false}
            sideOffset={4}
            style={{ zIndex: 55 }}
          >
            <BaseSelect.Popup className={classNames(styles['popup'], styles['list'])}>
              {options.map((option) => (
                <BaseSelect.Item key={option.value} value={option.value} className={styles['item']}>
                  {option.mark}
                  <BaseSelect.ItemText className={styles['itemText']}>{option.label}</BaseSelect.ItemText>
                  <span className={styles['check']}>
                    <BaseSelect.ItemIndicator>
                      <Check size={14} aria-hidden />
                    </BaseSelect.ItemIndicator>
                  </span>
                </BaseSelect.Item>
              ))}
            </BaseSelect.Popup>
          </BaseSelect.Positioner>
        </BaseSelect.Portal>
      </BaseSelect.Root>
      {description !== undefined && (
        <BaseField.Description className={fieldStyles['description']}>{description}</BaseField.Description>
      )}
    </BaseField.Root>
  );
}
