import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

import styles from './empty-state.module.css';

export interface EmptyStateProps {
  readonly icon?: LucideIcon;
  readonly title: string;
  /** One sentence that teaches. */
  readonly children?: ReactNode;
  /** Usually one button. */
  readonly actions?: ReactNode;
}

/** What stands where there is nothing yet: what it is for, and how to begin. */
export function EmptyState({ icon: Icon, title, children, actions }: EmptyStateProps) {
  return (
    <div className={styles['empty']}>
      {Icon !== undefined && <Icon size={28} className={styles['icon']} strokeWidth={1.5} aria-hidden />}
      <h2 className={styles['title']}>{title}</h2>
      {children !== undefined && <p className={styles['words']}>{children}</p>}
      {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
    </div>
  );
}
