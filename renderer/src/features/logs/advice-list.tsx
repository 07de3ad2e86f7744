import { CircleHelp, CircleSlash } from 'lucide-react';

import type { LogReport } from '#contract/logs.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';

import styles from './logs.module.css';
import { Nothing } from './tab-frame.tsx';

/** What the server could log and does not, with the settings that change it and what they cost. */
export function AdviceList({ report }: { readonly report: LogReport }) {
  if (report.advice.length === 0) return <Nothing>Everything that is read here is logged.</Nothing>;
  return (
    <ul className={styles['advice']} aria-label="Not logged">
      {report.advice.map(({ id, state, title, why, sql, cost }) => (
        <li key={id}>
          <div className={styles['adviceWords']}>
            <h3>
              {state === 'missing' ? (
                <CircleSlash size={15} className={styles['warning']} aria-label="Off" />
              ) : (
                <CircleHelp size={15} className={styles['dim']} aria-label="Off, or none happened" />
              )}
              {title}
            </h3>
            <p>{why}</p>
            <p className={styles['dim']}>Cost: {cost}</p>
          </div>
          <SqlBlock sql={sql} label={`Settings: ${title}`} connectionId={report.connectionId} />
        </li>
      ))}
    </ul>
  );
}
