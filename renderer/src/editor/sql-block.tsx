import { Check, Copy, SquareTerminal } from 'lucide-react';
import { useMemo, useState } from 'react';

import { classNames } from '../lib/class-names.ts';
import { copyText } from '../lib/copy-text.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { showFailureToast } from '../ui/toast.tsx';
import { runCommandWith } from '../workbench/commands.ts';

import styles from './sql-block.module.css';
import { sqlTokens } from './sql-tokens.ts';

export interface SqlBlockProps {
  readonly sql: string;
  /** Its name for screen readers. */
  readonly label?: string;
  /** Where "Open in a query tab" opens it; the current connection where left out. */
  readonly connectionId?: string | null;
  readonly wrap?: boolean;
  /** In pixels; longer SQL scrolls. */
  readonly maxHeight?: number;
  readonly className?: string | undefined;
}

/** SQL to read: coloured at once, without loading an editor, with copy and "Open in a query tab". */
export function SqlBlock({ sql, label = 'SQL', connectionId, wrap = true, maxHeight, className }: SqlBlockProps) {
  const tokens = useMemo(() => sqlTokens(sql), [sql]);
  return (
    <div className={classNames(styles['block'], className)}>
      <pre
        className={classNames(styles['sql'], wrap && styles['wrap'])}
        style={maxHeight === undefined ? undefined : { maxHeight }}
        aria-label={label}
        tabIndex={maxHeight === undefined ? undefined : 0}
      >
        {tokens.map((token, index) =>
          token.kind === 'other' ? (
            token.text
          ) : (
            <span key={index} className={styles[token.kind]}>
              {token.text}
            </span>
          ),
        )}
      </pre>
      <div className={styles['tools']}>
        <CopyButton text={sql} />
        <IconButton
          icon={SquareTerminal}
          label="Open in a query tab"
          size="small"
          onClick={() =>
            void runCommandWith('query.open', connectionId === undefined ? { sql } : { sql, connectionId })
          }
        />
      </div>
    </div>
  );
}

function CopyButton({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    try {
      await copyText(text);
      setCopied(true);
      window.setTimeout(() => setCopied(false), 1500);
    } catch (error) {
      showFailureToast(error, 'Not copied');
    }
  }
  return (
    <IconButton
      icon={copied ? Check : Copy}
      label={copied ? 'Copied' : 'Copy SQL'}
      size="small"
      onClick={() => void copy()}
    />
  );
}
