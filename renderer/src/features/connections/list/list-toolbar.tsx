import { FolderInput, Plug, Trash2, Unplug, Upload, X } from 'lucide-react';
import type { Ref } from 'react';

import type { ConnectionEntry } from '#contract/connections.ts';

import { Button } from '../../../ui/button.tsx';
import { SearchField } from '../../../ui/field.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';

import type { ListDialogs } from './connection-menu.ts';
import { closeAll, exportToFile, openAll } from './list-actions.ts';
import styles from './list.module.css';

export interface ListToolbarProps {
  readonly search: string;
  readonly onSearchChange: (search: string) => void;
  readonly searchRef: Ref<HTMLInputElement>;
  /** From the search field into the list. */
  readonly onLeaveSearch: () => void;
  readonly found: number;
  readonly entries: readonly ConnectionEntry[];
  readonly dialogs: ListDialogs;
  readonly onClearSelection: () => void;
}

/** The search, and what can be done with several selected connections. As high with as without them. */
export function ListToolbar(props: ListToolbarProps) {
  const { search, onSearchChange, searchRef, onLeaveSearch, found, entries, dialogs, onClearSelection } = props;
  return (
    <div className={styles['toolbar']}>
      <SearchField
        ref={searchRef}
        className={styles['search']}
        label="Search connections"
        placeholder="Search by name, host, database, user, folder"
        value={search}
        onValueChange={onSearchChange}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
          event.preventDefault();
          onLeaveSearch();
        }}
      />
      {search.trim() !== '' && (
        <span className={styles['dim']} role="status">
          {found} found
        </span>
      )}
      {entries.length > 1 && (
        <div className={styles['selection']} role="toolbar" aria-label="Selected connections">
          <span className={styles['selectedCount']}>{entries.length} selected</span>
          <Button size="small" icon={Plug} onClick={() => openAll(entries)}>
            Open all
          </Button>
          <Button size="small" icon={Unplug} onClick={() => closeAll(entries)}>
            Close all
          </Button>
          <Button size="small" icon={FolderInput} onClick={() => dialogs.moveToFolder(entries)}>
            Move…
          </Button>
          <Button size="small" icon={Upload} onClick={() => void exportToFile(entries)}>
            Export
          </Button>
          <Button size="small" icon={Trash2} onClick={() => dialogs.remove(entries)}>
            Remove…
          </Button>
          <IconButton icon={X} size="small" label="Clear the selection" onClick={onClearSelection} />
        </div>
      )}
    </div>
  );
}
