import { SlidersHorizontal } from 'lucide-react';

import type { BackupFormat, BackupTool } from '#contract/backups.ts';

import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Popover } from '../../ui/popover.tsx';
import { Select } from '../../ui/select.tsx';
import { SwitchField } from '../../ui/switch-field.tsx';

import { formatWords } from './backup-words.ts';
import { changeOptions, useBackups, usualOptions } from './backups-store.ts';
import styles from './backups.module.css';

export interface BackupOptionsProps {
  readonly connectionId: string;
  readonly tool: BackupTool | undefined;
  /** Where backups go when no folder is given. */
  readonly directory: string | undefined;
}

const formats: readonly BackupFormat[] = ['custom', 'directory', 'plain', 'tar'];

/** How the next backup is made: format, folder, with or without rows. */
export function BackupOptionsPopover({ connectionId, tool, directory }: BackupOptionsProps) {
  const options = useBackups((state) => state.options[connectionId]) ?? usualOptions;
  const builtIn = tool?.kind === 'built-in';
  const format = builtIn ? 'plain' : options.format;
  return (
    <Popover
      label="Backup options"
      align="end"
      className={styles['options']}
      trigger={<Button icon={SlidersHorizontal}>Options</Button>}
    >
      <Select
        label="Format"
        options={formats.map((value) => ({ value, label: formatWords[value].label }))}
        value={format}
        disabled={builtIn}
        onValueChange={(next) => changeOptions(connectionId, { format: next })}
        description={builtIn ? 'The built-in pg_dump writes plain SQL.' : formatWords[format].use}
      />
      <TextField
        label="Folder"
        mono
        value={options.directory}
        placeholder={directory ?? 'The backup folder of the settings'}
        onValueChange={(next) => changeOptions(connectionId, { directory: next })}
        description="On the machine that Steward runs on. Empty: the folder of the settings."
      />
      <SwitchField
        label="Schema only"
        description="Tables, views, functions and rights, without the rows."
        checked={options.schemaOnly}
        onCheckedChange={(schemaOnly) => changeOptions(connectionId, { schemaOnly })}
      />
    </Popover>
  );
}
