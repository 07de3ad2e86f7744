import { Field as BaseField } from '@base-ui/react/field';
import { Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import type { KeyboardEvent, ReactNode, Ref } from 'react';

import { classNames } from '../lib/class-names.ts';

import fieldStyles from './field.module.css';
import { IconButton } from './icon-button.tsx';
import styles from './secret-field.module.css';

export interface SecretFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValueChange: (value: string) => void;
  readonly description?: ReactNode;
  /** What is wrong with the value, in words. */
  readonly error?: string | null | undefined;
  /** `off` for a secret that exists, `new-password` for one that is being chosen: no browser fills it in. */
  readonly autoComplete: 'off' | 'new-password';
  readonly placeholder?: string;
  readonly readOnly?: boolean;
  readonly className?: string | undefined;
  readonly ref?: Ref<HTMLInputElement>;
}

/** A field for a password: hidden until its owner looks, and it says when Caps Lock is on. */
export function SecretField({
  label,
  value,
  onValueChange,
  description,
  error,
  className,
  ref,
  ...rest
}: SecretFieldProps) {
  const [shown, setShown] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  const noteCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'));
  return (
    <BaseField.Root className={classNames(fieldStyles['field'], className)} invalid={Boolean(error)}>
      <BaseField.Label className={fieldStyles['label']}>{label}</BaseField.Label>
      <div className={styles['frame']}>
        <BaseField.Control
          {...rest}
          {...(ref === undefined ? {} : { ref })}
          type={shown ? 'text' : 'password'}
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          value={value}
          onValueChange={(next) => onValueChange(next)}
          onKeyDown={noteCapsLock}
          onKeyUp={noteCapsLock}
          onBlur={() => setCapsLock(false)}
          className={classNames(fieldStyles['control'], fieldStyles['mono'], styles['control'])}
        />
        <IconButton
          icon={shown ? EyeOff : Eye}
          label={shown ? `Hide: ${label.toLowerCase()}` : `Show: ${label.toLowerCase()}`}
          size="small"
          className={styles['reveal']}
          onClick={() => setShown(!shown)}
        />
      </div>
      {capsLock && (
        <p className={styles['capsLock']} role="status">
          Caps Lock is on
        </p>
      )}
      {error ? (
        <BaseField.Error match className={fieldStyles['error']} role="alert">
          {error}
        </BaseField.Error>
      ) : (
        description !== undefined && (
          <BaseField.Description className={fieldStyles['description']}>{description}</BaseField.Description>
        )
      )}
    </BaseField.Root>
  );
}
