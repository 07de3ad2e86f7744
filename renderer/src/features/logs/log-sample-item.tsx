import { Workflow } from 'lucide-react';

import type { LogSample } from '#contract/logs.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { useConnection } from '../../rpc/live-lists.ts';
import { Button } from '../../ui/button.tsx';
import { Duration } from '../../ui/quantity.tsx';
import { runCommandWith } from '../../workbench/commands.ts';
import { useWorkbench } from '../../workbench/workbench-store.ts';

import { logTime } from './log-words.ts';
import styles from './logs.module.css';

/** One run of a statement as a log had it, with its values, which an Explain takes over. */
export function LogSampleItem({
  sample,
  connectionId,
  normalised,
}: {
  readonly sample: LogSample;
  /** Where to explain when no connection is chosen; null where the import knows of none. */
  readonly connectionId: string | null;
  readonly normalised: string;
}) {
  const active = useWorkbench((state) => state.activeConnectionId);
  const connection = useConnection(active ?? connectionId);
  const { sql, parameters, cut } = sample;
  const refusal =
    connection === null
      ? 'Open a connection first'
      : cut
        ? 'The log cut the statement or a value of it'
        : sql.includes('********') || parameters?.includes('********') === true
          ? 'A secret was taken out of it'
          : parameters === null && /\$\d/.test(sql)
            ? 'The log has no values for its parameters'
            : null;
  return (
    <li className={styles['sample']}>
      <div className={styles['sampleHead']}>
        <span className={styles['sampleTime']}>
          <Duration ms={sample.durationMs} />
        </span>
        <span className={styles['clock']}>{logTime(sample.at)}</span>
        <span className={styles['text']}>
          {[sample.user, sample.database, sample.application].filter((name) => name !== null).join(' · ')}
        </span>
        <span className={styles['space']} />
        <span title={refusal ?? `On ${connection?.name ?? ''}`}>
          <Button
            size="small"
            icon={Workflow}
            disabled={refusal !== null}
            onClick={() => {
              if (connection === null) return;
              void runCommandWith('plans.explain', {
                connectionId: connection.id,
                sql,
                analyze: false,
                title: 'Plan of the log',
                ...(parameters === null ? {} : { parameters }),
              });
            }}
          >
            {parameters === null ? 'Explain this run' : 'Explain with these parameters'}
          </Button>
        </span>
      </div>
      {parameters !== null ? (
        <dl className={styles['parameters']}>
          {parameters.map((value, index) => (
            // Parameters do not change places.
            <div key={index}>
              <dt>${index + 1}</dt>
              <dd className={value === null ? styles['dim'] : undefined}>{value ?? 'NULL'}</dd>
            </div>
          ))}
        </dl>
      ) : (
        sql !== normalised && <SqlBlock sql={sql} label="Statement as it ran" maxHeight={110} />
      )}
      {cut && <p className={styles['hint']}>A value or the text is cut: log_parameter_max_length, or its length.</p>}
    </li>
  );
}
