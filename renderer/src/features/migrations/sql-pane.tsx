import { Copy, SquareTerminal } from 'lucide-react';

import { MonacoView } from '../../editor/monaco-view.tsx';
import { copyText } from '../../lib/copy-text.ts';
import { countOf } from '../../lib/format-count.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { showFailureToast, showToast } from '../../ui/toast.tsx';
import { runCommandWith } from '../../workbench/commands.ts';

import { scriptOf } from './migration-words.ts';
import styles from './migrations.module.css';

export interface SqlPaneProps {
  readonly direction: 'up' | 'down';
  readonly name: string;
  readonly statements: readonly string[];
  /** What stands there where there are no statements. */
  readonly emptyWords: string;
  readonly connectionId: string;
}

const options = { lineNumbers: 'on', wordWrap: 'on', renderLineHighlight: 'none', contextmenu: false } as const;

/** The SQL of one direction, as it would run. */
export function SqlPane({ direction, name, statements, emptyWords, connectionId }: SqlPaneProps) {
  const text = scriptOf(statements);
  async function copy(): Promise<void> {
    try {
      await copyText(text);
      showToast({ kind: 'good', title: `SQL of ${direction} copied` });
    } catch (error) {
      showFailureToast(error, 'Not copied');
    }
  }
  return (
    <section className={styles['pane']} aria-label={`SQL of ${direction}`}>
      <div className={styles['paneHead']}>
        <h2>{direction}</h2>
        <span className={styles['paneCount']}>
          {statements.length === 0 ? '' : countOf(statements.length, 'statement')}
        </span>
        {statements.length > 0 && (
          <>
            <IconButton icon={Copy} label={`Copy SQL of ${direction}`} size="small" onClick={() => void copy()} />
            <IconButton
              icon={SquareTerminal}
              label={`Open ${direction} in a query tab`}
              size="small"
              onClick={() =>
                void runCommandWith('query.open', { sql: text, title: `${name} ${direction}`, connectionId })
              }
            />
          </>
        )}
      </div>
      <div className={styles['paneBody']}>
        {statements.length === 0 ? (
          <p className={styles['paneWords']}>{emptyWords}</p>
        ) : (
          <MonacoView label={`SQL of ${direction} of ${name}`} language="pgsql" text={text} options={options} />
        )}
      </div>
    </section>
  );
}
