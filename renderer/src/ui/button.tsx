import { Button as BaseButton } from '@base-ui/react/button';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode, Ref } from 'react';

import { classNames } from '../lib/class-names.ts';
import { shortcutLabel } from '../lib/keyboard-shortcut.ts';

import styles from './button.module.css';

export type ButtonLook = 'normal' | 'primary' | 'danger' | 'quiet';

export interface ButtonProps extends Omit<BaseButton.Props, 'className'> {
  readonly look?: ButtonLook;
  readonly size?: 'normal' | 'small';
  readonly icon?: LucideIcon;
  /** Shown behind the label, for example `Mod+Enter`. It does not bind the keys. */
  readonly shortcut?: string;
  readonly children: ReactNode;
  readonly className?: string | undefined;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A button with a word on it. One `primary` in a view; `danger` only for what cannot be taken back. */
export function Button({
  look = 'normal',
  size = 'normal',
  icon: Icon,
  shortcut,
  children,
  className,
  type = 'button',
  ...rest
}: ButtonProps) {
  return (
    <BaseButton
      {...rest}
      type={type}
      className={classNames(
        styles['button'],
        look !== 'normal' && styles[look],
        size === 'small' && styles['small'],
        className,
      )}
    >
      {Icon !== undefined && <Icon size={size === 'small' ? 14 : 15} aria-hidden />}
      {children}
      {shortcut !== undefined && (
        <kbd className={styles['shortcut']} aria-hidden>
          {shortcutLabel(shortcut)}
        </kbd>
      )}
    </BaseButton>
  );
}
