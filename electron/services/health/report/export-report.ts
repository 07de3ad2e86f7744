import type { ReportFormat } from '#contract/health.ts';
import type { Severity } from '#contract/health-model.ts';
import type { PrintedReport } from './printed-report.ts';
import { reportHtml } from './report-html.ts';
import { reportJunit } from './report-junit.ts';
import { reportMarkdown } from './report-markdown.ts';
import { reportSarif } from './report-sarif.ts';

const kinds: Readonly<Record<ReportFormat, { readonly ending: string; readonly mediaType: string }>> = {
  html: { ending: 'html', mediaType: 'text/html' },
  markdown: { ending: 'md', mediaType: 'text/markdown' },
  json: { ending: 'json', mediaType: 'application/json' },
  sarif: { ending: 'sarif', mediaType: 'application/sarif+json' },
  junit: { ending: 'xml', mediaType: 'application/xml' },
};

/** A report as a text in a format, with a name for its file. Pure. */
export function exportReport(
  printed: PrintedReport,
  format: ReportFormat,
  options: { readonly version: string; readonly failOn?: Severity | 'never' },
): { text: string; fileName: string; mediaType: string } {
  const { ending, mediaType } = kinds[format];
  const name = `health-${printed.subject}-${printed.report.startedAt.slice(0, 16)}`;
  const fileName = `${name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 120)}.${ending}`;
  return { text: textOf(printed, format, options), fileName, mediaType };
}

function textOf(
  printed: PrintedReport,
  format: ReportFormat,
  { version, failOn }: { readonly version: string; readonly failOn?: Severity | 'never' },
): string {
  switch (format) {
    case 'html':
      return reportHtml(printed);
    case 'markdown':
      return reportMarkdown(printed);
    case 'json':
      return `${JSON.stringify({ ...printed.report, subject: printed.subject, forecasts: printed.forecasts }, null, 2)}\n`;
    case 'sarif':
      return reportSarif(printed, version);
    case 'junit':
      return reportJunit(printed, failOn);
  }
}
