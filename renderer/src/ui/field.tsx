import { Field as BaseField } from '@base-ui/react/field';
import { Search } from 'lucide-react';
import type { ComponentProps, ReactNode, Ref } from 'react';

import { classNames } from '../lib/class-names.ts';

import styles from './field.module.css';

interface Framing {
  readonly label: string;
  /** Keeps the label for screen readers only. */
  readonly labelHidden?: boolean;
  readonly description?: ReactNode;
  /** What is wrong with the value, in words; it also marks the control. */
  readonly error?: string | null | undefined;
  readonly className?: string | undefined;
}

export interface TextFieldProps
  extends Framing, Omit<ComponentProps<'input'>, 'className' | 'onChange' | 'value' | 'defaultValue' | 'ref'> {
  readonly value: string;
  readonly onValueChange: (value: string) => void;
  /** For host names, SQL, paths: the data font. */
  readonly mono?: boolean;
  readonly ref?: Ref<HTMLInputElement>;
}

/** A text field with its label, description and error. */
export function TextField({
  label,
  labelHidden = false,
  description,
  error,
  className,
  value,
  onValueChange,
  mono = false,
  ...rest
}: TextFieldProps) {
  return (
    <BaseField.Root className={classNames(styles['field'], className)} invalid={Boolean(error)}>
      <BaseField.Label className={labelHidden ? 'visually-hidden' : styles['label']}>{label}</BaseField.Label>
      <BaseField.Control
        autoComplete="off"
        spellCheck={false}
        {...rest}
        value={value}
        onValueChange={(next) => onValueChange(next)}
        className={classNames(styles['control'], mono && styles['mono'])}
      />
      <Words description={description} error={error} />
    </BaseField.Root>
  );
}

export interface SearchFieldProps extends Omit<ComponentProps<'input'>, 'onChange' | 'className' | 'value'> {
  /** Its accessible name, and its placeholder where none is given. */
  readonly label: string;
  readonly value: string;
  readonly onValueChange: (value: string) => void;
  readonly className?: string | undefined;
}

/** A field that filters what stands below it. Escape empties it. */
export function SearchField({
  label,
  value,
  onValueChange,
  className,
  placeholder,
  onKeyDown,
  ...rest
}: SearchFieldProps) {
  return (
    <div className={classNames(styles['search'], className)}>
      <Search size={14} aria-hidden />
      <input
        {...rest}
        type="text"
        role="searchbox"
        aria-label={label}
        placeholder={placeholder ?? label}
        autoComplete="off"
        spellCheck={false}
        className={styles['control']}
        value={value}
        onChange={(event) => onValueChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value !== '') {
            event.stopPropagation();
            onValueChange('');
          }
          onKeyDown?.(event);
        }}
      />
    </div>
  );
}

function Words({ description, error }: { readonly description: ReactNode; readonly error: string | null | undefined }) {
  return (
    <>
      {description !== undefined && !error && (
        <BaseField.Description className={styles['description']}>{description}</BaseField.Description>
      )}
      {error ? (
        <BaseField.Error match className={styles['error']}>
          {error}
        </BaseField.Error>
      ) : null}
    </>
  );
}
