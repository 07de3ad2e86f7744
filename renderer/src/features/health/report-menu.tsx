import { Braces, FileCode, FileText, Printer, ShieldAlert, TestTubeDiagonal, Upload } from 'lucide-react';

import type { ReportFormat } from '#contract/health.ts';

import { copyText } from '../../lib/copy-text.ts';
import { printDocument } from '../../lib/print-document.ts';
import { saveFile } from '../../lib/save-file.ts';
import { client } from '../../rpc/client.ts';
import { Button } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { showFailureToast, showToast } from '../../ui/toast.tsx';

/** Takes a kept report elsewhere. */
export function ReportMenu({ savedId }: { readonly savedId: string | null }) {
  if (savedId === null) return null;
  return (
    <Menu
      align="end"
      trigger={<Button icon={Upload}>Export</Button>}
      entries={[
        { label: 'Save as HTML', icon: FileCode, onSelect: () => void save(savedId, 'html') },
        { label: 'Print or save as PDF…', icon: Printer, onSelect: () => void print(savedId) },
        { label: 'Save as Markdown', icon: FileText, onSelect: () => void save(savedId, 'markdown') },
        { label: 'Save as JSON', icon: Braces, onSelect: () => void save(savedId, 'json') },
        'separator',
        { label: 'Save as SARIF', icon: ShieldAlert, onSelect: () => void save(savedId, 'sarif') },
        { label: 'Save as JUnit', icon: TestTubeDiagonal, onSelect: () => void save(savedId, 'junit') },
        'separator',
        { label: 'Copy as Markdown', icon: FileText, onSelect: () => void copy(savedId) },
      ]}
    />
  );
}

async function save(id: string, format: ReportFormat): Promise<void> {
  try {
    const { text, fileName, mediaType } = await client.health.export({ id, format });
    saveFile(fileName, new Blob([text], { type: mediaType }));
  } catch (error) {
    showFailureToast(error, 'Not saved');
  }
}

async function print(id: string): Promise<void> {
  try {
    const { text } = await client.health.export({ id, format: 'html' });
    await printDocument(text);
  } catch (error) {
    showFailureToast(error, 'Not printed');
  }
}

async function copy(id: string): Promise<void> {
  try {
    const { text } = await client.health.export({ id, format: 'markdown' });
    await copyText(text);
    showToast({ kind: 'good', title: 'Report copied' });
  } catch (error) {
    showFailureToast(error, 'Not copied');
  }
}
