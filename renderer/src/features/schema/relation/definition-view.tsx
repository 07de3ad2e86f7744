import { useQuery } from '@tanstack/react-query';

import { SqlBlock } from '../../../editor/sql-block.tsx';
import { failureOf } from '../../../rpc/failure.ts';
import { rpcQuery } from '../../../rpc/queries.ts';
import { FailureView } from '../../../ui/failure-view.tsx';
import { SkeletonRows } from '../../../ui/skeleton.tsx';

import styles from './relation.module.css';

/** The statements that would make the relation again. */
export function DefinitionView({ connectionId, oid }: { readonly connectionId: string; readonly oid: number }) {
  const { data, error, refetch } = useQuery(rpcQuery('schema', 'ddl', { connectionId, oid }));
  if (error !== null) {
    return (
      <div className={styles['failure']}>
        <FailureView failure={failureOf(error)} onRetry={() => void refetch()} />
      </div>
    );
  }
  if (data === undefined) return <SkeletonRows rows={6} label="Reading the definition" />;
  return (
    <div className={styles['definition']}>
      <SqlBlock label="Definition" sql={data.sql} connectionId={connectionId} />
    </div>
  );
}
