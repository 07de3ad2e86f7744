import { CircleCheck } from 'lucide-react';

import { formatDuration } from '../../../lib/format-duration.ts';
import type { Outputs } from '../../../rpc/client.ts';

import type { ConnectionForm } from './connection-form.ts';
import styles from './form.module.css';

export interface TestResultProps {
  readonly result: Outputs['connections']['test'];
  readonly form: ConnectionForm;
}

/** What a test found: the server, which of several hosts it is, and how the way there is. */
export function TestResult({ result, form }: TestResultProps) {
  const { server, latencyMs } = result;
  const facts = [
    ...(form.otherHosts.length > 0 ? [`on ${server.host}:${server.port}`] : []),
    `as ${server.user}${server.isSuperuser ? ' (superuser)' : ''}`,
    server.encrypted ? 'encrypted' : 'not encrypted',
    ...(form.useSsh ? [`through ${form.sshHost.trim()}`] : []),
    ...(server.pooled ? ['through a pooler'] : []),
    ...(server.inRecovery ? ['standby'] : []),
    `round trip ${formatDuration(latencyMs)}`,
  ];
  return (
    <div className={styles['tested']} role="status">
      <CircleCheck size={16} aria-hidden />
      <div>
        <p>
          Connected to PostgreSQL {server.version}, database {server.database}
        </p>
        <p>{facts.join(' · ')}</p>
      </div>
    </div>
  );
}
