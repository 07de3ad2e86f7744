import { useQuery } from '@tanstack/react-query';
import { FileText } from 'lucide-react';

import { rpcQuery } from '../../rpc/queries.ts';
import { Button } from '../../ui/button.tsx';
import { runCommand } from '../../workbench/commands.ts';

import { LogSampleItem } from './log-sample-item.tsx';
import styles from './logs.module.css';

/** Runs of a statement, with their values, in the logs that were imported. */
export function LoggedRuns({ connectionId, sql }: { readonly connectionId: string; readonly sql: string }) {
  const { data } = useQuery(rpcQuery('logs', 'samples', { sql, limit: 5 }));
  if (data === undefined) return null;
  return (
    <section aria-label="Runs in imported logs">
      <h3>Runs in imported logs</h3>
      {data.length === 0 ? (
        <p className={styles['hint']}>
          No imported log has this statement with its values.{' '}
          <Button size="small" icon={FileText} onClick={() => void runCommand('logs.import')}>
            Import a server log…
          </Button>
        </p>
      ) : (
        <ol className={styles['samples']}>
          {data.map((sample, index) => (
            // Samples do not change places.
            <LogSampleItem key={index} sample={sample} connectionId={connectionId} normalised={sql} />
          ))}
        </ol>
      )}
    </section>
  );
}
