import { Ellipsis } from 'lucide-react';

import type { Backup } from '#contract/backups.ts';

import { Button } from '../../ui/button.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Bytes, Duration } from '../../ui/quantity.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';

import { backupMenu } from './backup-actions.ts';
import { formatWords, levelWords } from './backup-words.ts';
import { askRestore } from './backups-store.ts';
import styles from './backups.module.css';
import { LevelBadge } from './level-badge.tsx';

/** The columns of the list of backups; with the connection's where those of all are listed. */
export function backupColumns(all: boolean): readonly DataColumn<Backup>[] {
  return [
    {
      id: 'when',
      header: 'When',
      width: 116,
      value: (backup) => backup.startedAt,
      cell: (backup) => <When backup={backup} />,
    },
    ...(all
      ? [
          {
            id: 'connection',
            header: 'Connection',
            width: 150,
            grow: true,
            value: (backup: Backup) => backup.connectionName,
          },
        ]
      : []),
    {
      id: 'database',
      header: 'Database',
      width: 140,
      grow: true,
      value: (backup) => backup.database,
      cell: (backup) => <span className={styles['mono']}>{backup.database}</span>,
    },
    {
      id: 'size',
      header: 'Size',
      width: 96,
      align: 'right',
      value: (backup) => backup.sizeBytes,
      cell: (backup) => <Bytes bytes={backup.sizeBytes} />,
    },
    {
      id: 'level',
      header: 'Proven',
      width: 122,
      value: (backup) => levelWords(backup).word,
      cell: (backup) => <LevelBadge backup={backup} />,
    },
    { id: 'format', header: 'Format', width: 96, value: (backup) => formatWords[backup.format].label },
    { id: 'tool', header: 'Tool', width: 86, value: (backup) => (backup.tool === 'native' ? 'pg_dump' : 'built-in') },
    {
      id: 'server',
      header: 'Server',
      width: 74,
      value: (backup) => backup.serverVersion,
      cell: (backup) => <span className={styles['mono']}>{backup.serverVersion}</span>,
    },
    {
      id: 'duration',
      header: 'Took',
      width: 84,
      align: 'right',
      value: (backup) => backup.durationMs,
      cell: (backup) => <Duration ms={backup.durationMs} />,
    },
    {
      id: 'actions',
      header: '',
      width: 128,
      sortable: false,
      value: () => null,
      cell: (backup) => <Actions backup={backup} />,
    },
  ];
}

function When({ backup }: { readonly backup: Backup }) {
  return (
    <span className={styles['when']}>
      <RelativeTime at={backup.startedAt} />
    </span>
  );
}

function Actions({ backup }: { readonly backup: Backup }) {
  return (
    <span className={styles['rowActions']}>
      <Button size="small" disabled={!backup.present} onClick={() => askRestore(backup)}>
        Restore…
      </Button>
      <Menu
        align="end"
        entries={backupMenu(backup)}
        trigger={<IconButton icon={Ellipsis} size="small" label={`More for the backup of ${backup.database}`} />}
      />
    </span>
  );
}
