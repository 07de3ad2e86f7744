import { ArchiveRestore, Copy, FolderOpen, Hash } from 'lucide-react';

import type { Backup } from '#contract/backups.ts';

import { copyText } from '../../lib/copy-text.ts';
import { client } from '../../rpc/client.ts';
import type { MenuEntry } from '../../ui/menu.tsx';
import { showFailureToast, showToast } from '../../ui/toast.tsx';

import { askRestore } from './backups-store.ts';

/** What can be done with a backup, for its menus. */
export function backupMenu(backup: Backup): readonly MenuEntry[] {
  const { sha256 } = backup;
  return [
    {
      label: 'Restore into a new database…',
      icon: ArchiveRestore,
      disabled: !backup.present,
      onSelect: () => askRestore(backup),
    },
    { label: 'Reveal file', icon: FolderOpen, onSelect: () => void reveal(backup) },
    { label: 'Copy path', icon: Copy, onSelect: () => void copied(backup.file, 'Path copied') },
    ...(sha256 === null
      ? []
      : [{ label: 'Copy checksum', icon: Hash, onSelect: () => void copied(sha256, 'Checksum copied') }]),
  ];
}

/** Shows the file in the file manager; where there is none, copies its path and says where it is. */
export async function reveal(backup: Backup): Promise<void> {
  try {
    const { path, shown } = await client.backups.reveal({ id: backup.id });
    if (shown) return;
    await copyText(path);
    showToast({ kind: 'info', title: 'Path copied', description: path });
  } catch (error) {
    showFailureToast(error, 'Not revealed');
  }
}

/** Copies a text and says what it was. */
export async function copied(text: string, title: string): Promise<void> {
  try {
    await copyText(text);
    showToast({ kind: 'good', title, description: text });
  } catch (error) {
    showFailureToast(error, 'Not copied');
  }
}
