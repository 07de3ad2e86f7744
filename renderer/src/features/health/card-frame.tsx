import { ChevronRight } from 'lucide-react';
import { useId } from 'react';
import type { ReactNode } from 'react';

import { classNames } from '../../lib/class-names.ts';

import styles from './health-card.module.css';
import type { CardTone } from './health-words.ts';
import { ToneIcon } from './tone-icon.tsx';

export interface CardFrameProps {
  readonly tone: CardTone;
  readonly title: ReactNode;
  readonly subtitle: ReactNode;
  /** Stands at the right of the title. */
  readonly badge?: ReactNode;
  readonly open: boolean;
  readonly onToggle: () => void;
  /** What is shown while it is open. */
  readonly children: ReactNode;
}

/** A card that opens: one line that says it, one that places it, and behind them all there is to know. */
export function CardFrame({ tone, title, subtitle, badge, open, onToggle, children }: CardFrameProps) {
  const detailId = useId();
  return (
    <article className={classNames(styles['card'], open && styles['cardOpen'])}>
      <button
        type="button"
        className={styles['cardHead']}
        aria-expanded={open}
        aria-controls={detailId}
        data-card-head
        onClick={onToggle}
      >
        <ToneIcon tone={tone} />
        <span className={styles['cardWords']}>
          <span className={styles['cardTitle']}>{title}</span>
          <span className={styles['cardSubtitle']}>{subtitle}</span>
        </span>
        {badge}
        <ChevronRight size={15} className={classNames(styles['chevron'], open && styles['chevronOpen'])} aria-hidden />
      </button>
      {open && (
        <div id={detailId} className={styles['cardBody']}>
          {children}
        </div>
      )}
    </article>
  );
}
