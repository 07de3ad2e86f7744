import { Button as BaseButton } from '@base-ui/react/button';
import type { LucideIcon } from 'lucide-react';
import type { Ref } from 'react';

import { classNames } from '../lib/class-names.ts';

import styles from './button.module.css';
import { Tooltip } from './tooltip.tsx';

export interface IconButtonProps extends Omit<BaseButton.Props, 'className' | 'children'> {
  readonly icon: LucideIcon;
  /** Its name for screen readers, and its tooltip. */
  readonly label: string;
  readonly shortcut?: string;
  readonly size?: 'normal' | 'small';
  readonly className?: string | undefined;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A button with only an icon; its label is its tooltip and its accessible name. */
export function IconButton({
  icon: Icon,
  label,
  shortcut,
  size = 'normal',
  className,
  type = 'button',
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip label={label} shortcut={shortcut}>
      <BaseButton
        {...rest}
        type={type}
        aria-label={label}
        className={classNames(
          styles['button'],
          styles['quiet'],
          styles['iconOnly'],
          size === 'small' && styles['small'],
          className,
        )}
      >
        <Icon size={size === 'small' ? 14 : 16} aria-hidden />
      </BaseButton>
    </Tooltip>
  );
}
