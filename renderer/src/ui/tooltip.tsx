import { Tooltip as BaseTooltip } from '@base-ui/react/tooltip';
import type { ReactElement, ReactNode } from 'react';

import { shortcutLabel } from '../lib/keyboard-shortcut.ts';

import styles from './popup.module.css';

export interface TooltipProps {
  readonly label: ReactNode;
  readonly shortcut?: string | undefined;
  readonly side?: 'top' | 'right' | 'bottom' | 'left';
  /** The one element that it belongs to. */
  readonly children: ReactElement;
}

/** Shared by all tooltips, so that the second one appears at once. Stands once around the app. */
export function TooltipProvider({ children }: { readonly children: ReactNode }) {
  return <BaseTooltip.Provider delay={450}>{children}</BaseTooltip.Provider>;
}

/** A short label on hover and on keyboard focus. Never the only place of a fact. */
export function Tooltip({ label, shortcut, side = 'bottom', children }: TooltipProps) {
  return (
    <BaseTooltip.Root>
      <BaseTooltip.Trigger render={children} />
      <BaseTooltip.Portal>
        <BaseTooltip.Positioner className={styles['positioner']} side={side} sideOffset={6} style={{ zIndex: 60 }}>
          <BaseTooltip.Popup className={styles['tooltip']}>
            <span>{label}</span>
            {shortcut !== undefined && <kbd>{shortcutLabel(shortcut)}</kbd>}
          </BaseTooltip.Popup>
        </BaseTooltip.Positioner>
      </BaseTooltip.Portal>
    </BaseTooltip.Root>
  );
}
