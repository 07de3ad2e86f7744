import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';

import { classNames } from '../lib/class-names.ts';

import styles from './dialog.module.css';
import { IconButton } from './icon-button.tsx';

export interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly size?: 'normal' | 'wide' | 'large';
  /** What has the focus when it opens; the first field where left out. */
  readonly initialFocus?: RefObject<HTMLElement | null>;
  /** Buttons. Put a `<DialogSpacer />` where the free space belongs. */
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}

/** A dialog over the window. It says in its title what will happen, never "Are you sure?". */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  size = 'normal',
  initialFocus,
  footer,
  children,
}: DialogProps) {
  return (
    <BaseDialog.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={styles['backdrop']} />
        <BaseDialog.Popup
          data-modal
          className={classNames(styles['popup'], size !== 'normal' && styles[size])}
          {...(initialFocus === undefined ? {} : { initialFocus })}
        >
          <header className={styles['header']}>
            <div className={styles['titles']}>
              <BaseDialog.Title className={styles['title']}>{title}</BaseDialog.Title>
              {description !== undefined && (
                <BaseDialog.Description className={styles['description']} render={<div />}>
                  {description}
                </BaseDialog.Description>
              )}
            </div>
          </header>
          <div className={styles['body']}>{children}</div>
          {footer !== undefined && <footer className={styles['footer']}>{footer}</footer>}
          {/* Last in the order of focus, so that a dialog opens on its first field and not on its way out. */}
          <BaseDialog.Close render={<IconButton icon={X} label="Close" size="small" className={styles['close']} />} />
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

/** Free space between the buttons of a dialog's footer. */
export function DialogSpacer() {
  return <span className={styles['spacer']} />;
}
