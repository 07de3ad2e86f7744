import { FolderOpen } from 'lucide-react';
import type { ComponentProps } from 'react';

import { client } from '../rpc/client.ts';
import { useAppStatus } from '../rpc/live-lists.ts';
import { TextField } from '../ui/field.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { showFailureToast } from '../ui/toast.tsx';

import styles from './path-field.module.css';

export interface PathFieldProps extends ComponentProps<typeof TextField> {
  readonly kind: 'file' | 'folder';
  /** What the system's dialog says on top. */
  readonly chooseTitle: string;
  /** Called with a path that was chosen in the dialog; `onValueChange` where left out. */
  readonly onChoose?: (path: string) => void;
}

/** A path on the machine that Steward runs on: typed, or chosen in the system's own dialog where there is one. */
export function PathField({ kind, chooseTitle, onChoose, ...field }: PathFieldProps) {
  const choosesPaths = useAppStatus().data?.choosesPaths ?? false;
  if (!choosesPaths) return <TextField mono {...field} />;

  async function choose(): Promise<void> {
    try {
      const startAt = typeof field.value === 'string' && field.value !== '' ? { startAt: field.value } : {};
      const { path } = await client.settings.choosePath({ kind, title: chooseTitle, ...startAt });
      if (path !== null) (onChoose ?? field.onValueChange)?.(path);
    } catch (error) {
      showFailureToast(error, 'The dialog could not be opened');
    }
  }

  return (
    <div className={styles['row']}>
      <TextField mono {...field} />
      <IconButton icon={FolderOpen} label={`${chooseTitle}…`} onClick={() => void choose()} />
    </div>
  );
}
