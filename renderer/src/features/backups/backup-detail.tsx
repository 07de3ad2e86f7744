import { Copy, FolderOpen } from 'lucide-react';

import type { Backup } from '#contract/backups.ts';

import { formatAbsolute } from '../../lib/relative-time.ts';
import { IconButton } from '../../ui/icon-button.tsx';

import { copied, reveal } from './backup-actions.ts';
import { levelWords } from './backup-words.ts';
import styles from './backups.module.css';

/** Where a backup lies and how it can be recognised. */
export function BackupDetail({ backup }: { readonly backup: Backup }) {
  const { word, meaning } = levelWords(backup);
  return (
    <dl className={styles['detail']}>
      <dt>File</dt>
      <dd>
        <code>{backup.file}</code>
        <IconButton
          icon={Copy}
          label="Copy path"
          size="small"
          onClick={() => void copied(backup.file, 'Path copied')}
        />
        <IconButton icon={FolderOpen} label="Reveal file" size="small" onClick={() => void reveal(backup)} />
      </dd>
      <dt>SHA-256</dt>
      <dd>
        {backup.sha256 === null ? (
          'one for each of its files, in the manifest'
        ) : (
          <>
            <code>{backup.sha256}</code>
            <IconButton
              icon={Copy}
              label="Copy checksum"
              size="small"
              onClick={() => void copied(backup.sha256 ?? '', 'Checksum copied')}
            />
          </>
        )}
      </dd>
      <dt>Manifest</dt>
      <dd>
        <code>{backup.manifest}</code>
      </dd>
      <dt>{word}</dt>
      <dd>{meaning}</dd>
      <dt>Begun</dt>
      <dd>{formatAbsolute(backup.startedAt)}</dd>
    </dl>
  );
}
