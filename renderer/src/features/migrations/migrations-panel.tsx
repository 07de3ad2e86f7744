import { Ellipsis, FolderOpen, RefreshCw, ShieldOff } from 'lucide-react';
import type { KeyboardEvent } from 'react';

import type { MigrationEntry } from '#contract/migrations.ts';

import { classNames } from '../../lib/class-names.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { showFailureToast } from '../../ui/toast.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';
import { useWorkbench } from '../../workbench/workbench-store.ts';

import { pathTail, stateWords } from './migration-words.ts';
import { chooseFolder, refreshMigrations, selectMigration, trustFolder } from './migrations-store.ts';
import styles from './migrations-panel.module.css';
import { useMigrations } from './use-migrations.ts';
import type { FolderStatus } from './use-migrations.ts';

/** The migrations of the open folder with their states. */
export function MigrationsPanel() {
  const connectionId = useWorkbench((state) => state.activeConnectionId);
  const { folder, status, selected, loading } = useMigrations(connectionId);
  if (connectionId === null || folder === null)
    return (
      <p className={styles['words']}>
        The migrations of a folder are listed here, with what is applied and what is not.
      </p>
    );
  return (
    <div className={styles['panel']}>
      <div className={styles['head']}>
        <Tooltip label={folder}>
          <h2 className={styles['path']}>{pathTail(folder)}</h2>
        </Tooltip>
        <IconButton
          icon={FolderOpen}
          label="Open another folder"
          size="small"
          onClick={() => chooseFolder(connectionId)}
        />
        <FolderMenu folder={folder} status={status} />
      </div>
      {loading && <SkeletonRows rows={6} label="Reading the migrations" />}
      {status !== null && (
        <EntryList
          entries={status.entries}
          selected={selected}
          onSelect={(name) => selectMigration(connectionId, name)}
        />
      )}
    </div>
  );
}

function FolderMenu({ folder, status }: { readonly folder: string; readonly status: FolderStatus | null }) {
  return (
    <Menu
      align="end"
      trigger={<IconButton icon={Ellipsis} label="More for this folder" size="small" />}
      entries={[
        { label: 'Refresh', icon: RefreshCw, onSelect: () => void refreshMigrations() },
        {
          label: 'Withdraw trust',
          icon: ShieldOff,
          disabled: status?.trusted !== true,
          onSelect: () => void trustFolder(folder, false).catch(showFailureToast),
        },
      ]}
    />
  );
}

interface EntryListProps {
  readonly entries: readonly MigrationEntry[];
  readonly selected: MigrationEntry | null;
  readonly onSelect: (name: string) => void;
}

function EntryList({ entries, selected, onSelect }: EntryListProps) {
  function press(event: KeyboardEvent<HTMLDivElement>): void {
    const place = entries.findIndex(({ name }) => name === selected?.name);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: place + 1,
      ArrowUp: place - 1,
      Home: 0,
      End: entries.length - 1,
    };
    const next = entries[targets[event.key] ?? -1];
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next.name);
    const list = event.currentTarget;
    requestAnimationFrame(() => list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  }
  if (entries.length === 0) return <p className={styles['words']}>No migrations here yet.</p>;
  return (
    <div className={styles['list']} role="listbox" aria-label="Migrations" onKeyDown={press}>
      {entries.map((entry) => (
        <EntryOption
          key={entry.name}
          entry={entry}
          selected={entry.name === selected?.name}
          onSelect={() => onSelect(entry.name)}
        />
      ))}
    </div>
  );
}

function EntryOption({
  entry,
  selected,
  onSelect,
}: {
  readonly entry: MigrationEntry;
  readonly selected: boolean;
  readonly onSelect: () => void;
}) {
  const { icon: Icon, tone, word, note } = stateWords(entry.state);
  return (
    <div
      role="option"
      aria-selected={selected}
      tabIndex={selected ? 0 : -1}
      className={styles['entry']}
      title={entry.file ?? entry.name}
      onClick={onSelect}
    >
      <Icon size={16} className={classNames(styles['icon'], styles[tone])} aria-hidden />
      <span className={styles['name']}>{entry.name}</span>
      <span className={styles['state']}>
        {word}
        {entry.appliedAt !== null && (
          <>
            {' '}
            <RelativeTime at={entry.appliedAt} />
          </>
        )}
        {note !== null && (
          <>
            {' · '}
            <span className={styles[tone]}>{note}</span>
          </>
        )}
      </span>
    </div>
  );
}
