import { FileCheck, FileText, FileX, ShieldCheck } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import type { Backup, BackupFormat, BackupTool } from '#contract/backups.ts';

import { formatBytes } from '../../lib/format-bytes.ts';

export type LevelTone = 'good' | 'info' | 'warning' | 'critical';

export interface LevelWords {
  readonly word: string;
  /** What was done to know it. */
  readonly meaning: string;
  readonly icon: LucideIcon;
  readonly tone: LevelTone;
}

/** How far a backup is proven, in a word and an icon. A file that is gone proves nothing. */
export function levelWords(backup: Pick<Backup, 'level' | 'present'>): LevelWords {
  if (!backup.present)
    return { word: 'File missing', meaning: 'The file is not where it was written.', icon: FileX, tone: 'critical' };
  switch (backup.level) {
    case 'restored':
      return { word: 'Restored', meaning: 'It was restored into a scratch database.', icon: ShieldCheck, tone: 'good' };
    case 'readable':
      return { word: 'Readable', meaning: 'Checksummed, and read to its end.', icon: FileCheck, tone: 'info' };
    case 'written':
      return { word: 'Written', meaning: 'The file is whole, but was not read back.', icon: FileText, tone: 'warning' };
  }
}

/** The formats of pg_dump, and what each is good for. */
export const formatWords: Readonly<Record<BackupFormat, { readonly label: string; readonly use: string }>> = {
  custom: { label: 'Custom', use: 'One compressed file; pg_restore can pick parts of it.' },
  directory: { label: 'Directory', use: 'A folder of compressed files; dumped and restored in parallel.' },
  plain: { label: 'Plain SQL', use: 'One SQL script that can be read and edited.' },
  tar: { label: 'Tar', use: 'One archive; not compressed.' },
};

/** What would write a backup, and why that. */
export function toolWords(tool: BackupTool): { readonly title: string; readonly words: string } {
  switch (tool.kind) {
    case 'native':
      return { title: `pg_dump ${tool.version}`, words: `From ${tool.path}, as new as the server or newer.` };
    case 'built-in':
      return {
        title: `Built-in pg_dump ${tool.version}`,
        words: `${sentence(tool.why)} The built-in one writes plain SQL, and takes databases up to ${formatBytes(tool.limitBytes)}.`,
      };
    case 'none':
      return { title: 'No tool for this server', words: `${sentence(tool.why)} ${sentence(tool.install)}` };
  }
}

/** The name that a restore proposes: that of the database, `_restored_` and the day, cut to what PostgreSQL takes. */
export function proposedName(database: string, day: Date): string {
  const pad = (part: number) => String(part).padStart(2, '0');
  const ending = `_restored_${day.getFullYear()}${pad(day.getMonth() + 1)}${pad(day.getDate())}`;
  let base = database;
  while (byteLength(base + ending) > 63) base = [...base].slice(0, -1).join('');
  return base + ending;
}

/** What is wrong with the name of a new database, or null. */
export function nameProblem(name: string): string | null {
  if (name.trim() === '') return 'Give the new database a name';
  if (byteLength(name) > 63) return 'PostgreSQL cuts names after 63 bytes';
  return null;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
