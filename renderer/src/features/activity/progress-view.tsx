import { Gauge } from 'lucide-react';

import type { ActivitySession, Progress } from '#contract/activity.ts';
import type { ConnectionEntry } from '#contract/connections.ts';

import { formatBytes } from '../../lib/format-bytes.ts';
import { formatCount } from '../../lib/format-count.ts';
import { DataTable } from '../../ui/data-table.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';

import { selectSession, useActivity } from './activity-store.ts';
import styles from './activity.module.css';
import { sessionMenu } from './sessions/session-menu.ts';

const noRows: readonly Progress[] = [];
const noSessions: readonly ActivitySession[] = [];

/** How far a command is, 0 to 1; null where the end is not known. The server's counts may pass its own estimate. */
export function fractionOf({ done, total }: Progress): number | null {
  return total > 0 ? Math.min(1, done / total) : null;
}

/** `1 204 of 9 000 blocks`; `881 MB so far` where the end is not known. */
export function progressWords({ done, total, unit }: Progress): string {
  const amount = (count: number): string => (unit === 'bytes' ? formatBytes(count) : formatCount(count));
  const words = total > 0 ? `${amount(done)} of ${amount(total)}` : amount(done);
  return `${words}${unit === 'bytes' ? '' : ` ${unit}`}${total > 0 ? '' : ' so far'}`;
}

const columns: readonly DataColumn<Progress>[] = [
  { id: 'pid', header: 'Pid', width: 76, align: 'right', value: ({ pid }) => pid },
  {
    id: 'command',
    header: 'Command',
    width: 180,
    value: ({ command }) => command,
    cell: ({ command }) => <span className={styles['strong']}>{command}</span>,
  },
  {
    id: 'relation',
    header: 'Of',
    width: 150,
    value: ({ relation, database }) => relation ?? (database === null ? null : `a table of ${database}`),
  },
  { id: 'phase', header: 'Phase', width: 256, value: ({ phase }) => phase },
  {
    id: 'fraction',
    header: 'Done',
    width: 170,
    value: fractionOf,
    cell: (row) => {
      const fraction = fractionOf(row);
      return (
        <>
          <ProgressBar label={`${row.command} of process ${row.pid}`} fraction={fraction} />
          <span className={styles['percent']}>{fraction === null ? '' : `${Math.floor(fraction * 100)} %`}</span>
        </>
      );
    },
  },
  { id: 'amount', header: 'Amount', width: 240, align: 'right', value: progressWords },
  {
    id: 'detail',
    header: 'Detail',
    width: 130,
    grow: true,
    value: ({ detail }) => detail,
    cell: ({ detail }) => (
      <span className={styles['text']} title={detail ?? undefined}>
        {detail}
      </span>
    ),
  },
];

const narrow = columns.filter(({ id }) => id !== 'detail');

/** What the server tells the progress of: vacuum, analyze, index builds, cluster, copy, base backups. */
export function ProgressView({ connection }: { readonly connection: ConnectionEntry }) {
  const rows = useActivity((state) => state.progress)?.rows ?? noRows;
  const sessions = useActivity((state) => state.sessions)?.sessions ?? noSessions;
  const selected = useActivity((state) => state.selected);
  const sessionOf = (pid: number): ActivitySession | undefined => sessions.find((one) => one.pid === pid);
  return (
    <DataTable
      label="Progress"
      columns={selected === null ? columns : narrow}
      rows={rows}
      rowKey={({ pid, command }) => `${pid} ${command}`}
      selectedKey={rows.find(({ pid }) => pid === selected?.pid) === undefined ? null : `${selected?.pid}`}
      onSelect={({ pid }) => selectSession(sessionOf(pid) ?? null)}
      menuEntries={({ pid }) => {
        const session = sessionOf(pid);
        return session === undefined ? [] : sessionMenu(session, connection);
      }}
      empty={
        <EmptyState icon={Gauge} title="Nothing with a known end runs">
          VACUUM, ANALYZE, CREATE INDEX, CLUSTER, COPY and base backups tell how far they are.
        </EmptyState>
      }
    />
  );
}
