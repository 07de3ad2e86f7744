import { ChevronRight, CircleAlert, Ellipsis, Folder, FolderOpen } from 'lucide-react';

import { IconButton } from '../../../ui/icon-button.tsx';
import { Menu } from '../../../ui/menu.tsx';

import { folderMenu } from './connection-menu.ts';
import type { MenuContext } from './connection-menu.ts';
import type { FolderRow } from './list-model.ts';
import styles from './list.module.css';

export interface FolderCellsProps {
  readonly folder: FolderRow;
  readonly context: MenuContext;
}

/** The content of a folder's row: its name, and how those in it are. */
export function FolderCells({ folder, context }: FolderCellsProps) {
  const open = folder.entries.filter(({ state }) => state.kind === 'open').length;
  const failed = folder.entries.filter(({ state }) => state.kind === 'failed' || state.kind === 'lost').length;
  const Icon = folder.collapsed ? Folder : FolderOpen;
  return (
    <>
      <div role="gridcell" className={styles['cell']}>
        <span className={styles['name']} style={{ paddingLeft: folder.depth * 18 }}>
          <ChevronRight
            size={14}
            className={styles['chevron']}
            data-open={folder.collapsed ? undefined : ''}
            aria-hidden
          />
          <Icon size={15} className={styles['dim']} aria-hidden />
          <span className={styles['folderName']}>{folder.name}</span>
          <span className={styles['count']}>{folder.entries.length}</span>
        </span>
      </div>
      <div role="gridcell" className={styles['folderState']}>
        {open > 0 && <span>{open} open</span>}
        {failed > 0 && (
          <span className={styles['failed']}>
            <CircleAlert size={14} aria-hidden />
            {failed} failed
          </span>
        )}
      </div>
      <div role="gridcell" className={styles['cell']}>
        <span className={styles['rowActions']}>
          <Menu
            align="end"
            entries={folderMenu(folder, context)}
            trigger={<IconButton icon={Ellipsis} size="small" tabIndex={-1} label={`More for ${folder.path}`} />}
          />
        </span>
      </div>
    </>
  );
}
