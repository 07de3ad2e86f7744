import { CircleDot, TriangleAlert } from 'lucide-react';

import { Button } from '../../ui/button.tsx';
import { activeTab, useWorkbench } from '../../workbench/workbench-store.ts';

import { endTransaction, useRuns } from './run-store.ts';
import styles from './transaction-status-item.module.css';

/** The transaction of the query tab on screen, with the ways to end it. */
export function TransactionStatusItem() {
  const tab = useWorkbench((state) => activeTab(state));
  const transactions = useRuns((state) => state.transactions);
  if (tab === null || tab.kind !== 'query' || tab.connectionId === null) return null;
  const { id, connectionId } = tab;
  const status = transactions[id] ?? 'idle';
  if (status === 'idle') return <span>no open transaction</span>;
  const failed = status === 'failed transaction';
  const Icon = failed ? TriangleAlert : CircleDot;
  return (
    <span className={styles['transaction']} role="status">
      <span className={failed ? styles['failed'] : styles['open']}>
        <Icon size={13} aria-hidden />
        {failed ? 'transaction failed: only rollback is possible' : 'in transaction'}
      </span>
      {!failed && (
        <Button
          size="small"
          className={styles['button']}
          onClick={() => void endTransaction(id, connectionId, 'commit')}
        >
          Commit
        </Button>
      )}
      <Button
        size="small"
        className={styles['button']}
        onClick={() => void endTransaction(id, connectionId, 'rollback')}
      >
        Rollback
      </Button>
    </span>
  );
}
