import { Braces, FileText, Upload } from 'lucide-react';

import type { HealthReport } from '#contract/health-model.ts';

import { copyText } from '../../lib/copy-text.ts';
import { Button } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { showFailureToast, showToast } from '../../ui/toast.tsx';

import { reportAsMarkdown } from './report-text.ts';

/** Takes a report elsewhere. */
export function ReportMenu({
  report,
  connectionName,
}: {
  readonly report: HealthReport;
  readonly connectionName: string;
}) {
  return (
    <Menu
      align="end"
      trigger={<Button icon={Upload}>Export</Button>}
      entries={[
        {
          label: 'Copy as Markdown',
          icon: FileText,
          onSelect: () => void copy(reportAsMarkdown(report, connectionName)),
        },
        { label: 'Copy as JSON', icon: Braces, onSelect: () => void copy(JSON.stringify(report, null, 2)) },
      ]}
    />
  );
}

async function copy(text: string): Promise<void> {
  try {
    await copyText(text);
    showToast({ kind: 'good', title: 'Report copied' });
  } catch (error) {
    showFailureToast(error, 'Not copied');
  }
}
