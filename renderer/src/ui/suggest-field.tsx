import { Autocomplete } from '@base-ui/react/autocomplete';
import { Field as BaseField } from '@base-ui/react/field';
import type { ReactNode } from 'react';

import { classNames } from '../lib/class-names.ts';

import fieldStyles from './field.module.css';
import styles from './popup.module.css';

export interface SuggestFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValueChange: (value: string) => void;
  /** What there is already. Anything else may be typed. */
  readonly suggestions: readonly string[];
  readonly description?: ReactNode;
  readonly placeholder?: string;
  readonly autoFocus?: boolean;
  readonly className?: string | undefined;
}

/** A text field that offers what there is already. */
export function SuggestField({
  label,
  value,
  onValueChange,
  suggestions,
  description,
  placeholder,
  autoFocus = false,
  className,
}: SuggestFieldProps) {
  return (
    <BaseField.Root className={classNames(fieldStyles['field'], className)}>
      <BaseField.Label className={fieldStyles['label']}>{label}</BaseField.Label>
      <Autocomplete.Root
        items={suggestions}
        value={value}
        onValueChange={(next) => onValueChange(next)}
        openOnInputClick={suggestions.length > 0}
      >
        <Autocomplete.Input
          className={fieldStyles['control']}
          placeholder={placeholder}
          autoFocus={autoFocus}
          spellCheck={false}
          autoComplete="off"
        />
        <Autocomplete.Portal>
          <Autocomplete.Positioner className={styles['positioner']} sideOffset={4} style={{ zIndex: 55 }}>
            <Autocomplete.Popup className={classNames(styles['popup'], styles['suggestions'])}>
              <Autocomplete.List className={styles['list']}>
                {(item: string) => (
                  <Autocomplete.Item key={item} value={item} className={styles['item']}>
                    <span className={styles['itemText']}>{item}</span>
                  </Autocomplete.Item>
                )}
              </Autocomplete.List>
            </Autocomplete.Popup>
          </Autocomplete.Positioner>
        </Autocomplete.Portal>
      </Autocomplete.Root>
      {description !== undefined && (
        <BaseField.Description className={fieldStyles['description']}>{description}</BaseField.Description>
      )}
    </BaseField.Root>
  );
}
