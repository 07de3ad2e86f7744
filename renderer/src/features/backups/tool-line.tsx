import { CircleAlert, Package, Wrench } from 'lucide-react';

import type { BackupTool } from '#contract/backups.ts';

import { classNames } from '../../lib/class-names.ts';

import { toolWords } from './backup-words.ts';
import styles from './backups.module.css';

export interface ToolLineProps {
  readonly tool: BackupTool;
  readonly directory: string;
  readonly schemaOnly: boolean;
}

/** What would write the backup, and why; where there is nothing, how to get it. */
export function ToolLine({ tool, directory, schemaOnly }: ToolLineProps) {
  const { title, words } = toolWords(tool);
  const Icon = tool.kind === 'native' ? Wrench : tool.kind === 'built-in' ? Package : CircleAlert;
  return (
    <div
      className={classNames(styles['tool'], tool.kind === 'none' && styles['toolMissing'])}
      role={tool.kind === 'none' ? 'alert' : 'note'}
      aria-label="Backup tool"
    >
      <Icon size={16} className={styles['toolIcon']} aria-hidden />
      <div className={styles['toolWords']}>
        <p>
          <strong>{title}</strong> <span>{words}</span>
        </p>
        {tool.kind !== 'none' && (
          <p className={styles['small']}>
            {schemaOnly ? 'The schema alone goes to' : 'Backups go to'} <code>{directory}</code>
          </p>
        )}
      </div>
    </div>
  );
}
