import { Braces, CircleCheck, FileText, FolderOpen, Sheet, Upload, X } from 'lucide-react';

import { useJobs } from '../../rpc/live-lists.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { JobStrip } from '../../workbench/job-strip.tsx';

import { dismissExport, exportAudit, revealExport, useAudit } from './audit-store.ts';
import styles from './audit.module.css';

/** Writes what is shown, all of it, to a file. */
export function ExportMenu({ disabled }: { readonly disabled: boolean }) {
  return (
    <Menu
      align="end"
      trigger={
        <Button icon={Upload} disabled={disabled}>
          Export
        </Button>
      }
      entries={[
        { label: 'CSV, for a spreadsheet', icon: Sheet, onSelect: () => void exportAudit('csv') },
        { label: 'JSON lines, as recorded', icon: Braces, onSelect: () => void exportAudit('jsonl') },
        { label: 'Markdown, for a report', icon: FileText, onSelect: () => void exportAudit('markdown') },
      ]}
    />
  );
}

/** The newest export while it runs, when it failed, and where it went. */
export function ExportStrip() {
  const dismissed = useAudit((state) => state.dismissed);
  const [newest] = useJobs()
    .filter((job) => job.kind === 'export')
    .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
  if (newest === undefined || dismissed.has(newest.id) || newest.state === 'cancelled') return null;
  if (newest.state !== 'done') return <JobStrip job={newest} />;
  return (
    <section className={styles['exported']} aria-label="Exported">
      <CircleCheck size={15} className={styles['good']} aria-hidden />
      <span className={styles['text']} title={newest.outcome ?? ''}>
        {newest.outcome}
      </span>
      <span className={styles['space']} />
      <Button size="small" icon={FolderOpen} onClick={() => void revealExport(newest.id)}>
        Reveal file
      </Button>
      <IconButton icon={X} size="small" label="Dismiss" onClick={() => dismissExport(newest.id)} />
    </section>
  );
}
