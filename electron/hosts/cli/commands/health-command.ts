import { writeFile } from 'node:fs/promises';

import type { HealthReport } from '#contract/health-model.ts';
import type { ReportFormat } from '#contract/health.ts';

import { toFailure } from '../../../postgres/failure.ts';
import { againstBaseline, countedFindings, exportReport, type PrintedReport } from '../../../services/health/index.ts';
import { places } from '../../places.ts';
import { type CommandContext, openContext } from '../command-context.ts';
import { CliEnd, exitCodes } from '../exit-codes.ts';
import { endProgress, progressLine } from '../output.ts';
import { openTarget } from '../target.ts';
import {
  baselineOption,
  checksOption,
  formatOption,
  type HealthCommandOptions,
  rulesOption,
  severityOption,
} from './health-options.ts';
import { healthText } from './health-text.ts';

/** `steward health TARGET`: the report; ends with 1 when a finding that counts is at or above --fail-on. */
export async function runHealth(target: string, options: HealthCommandOptions): Promise<void> {
  const failOn = severityOption(options.failOn);
  const format = formatOption(options);
  const { only, also } = checksOption(options);
  const baseline = options.baseline === undefined ? undefined : await baselineOption(options.baseline);
  await using context = await openContext('passing', options);
  context.services.health.rules.use(await rulesOption(options, also, context));
  const connection = await openTarget(context, target, options);
  const report = await askedReport(context, connection.id, only);
  const against = baseline && againstBaseline(baseline, report);
  const printed: PrintedReport = { report, subject: connection.name, forecasts: [], against };
  const isBad = report.checks.some((check) => {
    const { findings, omitted } = countedFindings(check, failOn, against);
    return findings.length + omitted > 0;
  });
  // Before anything is written: a reader that closes the pipe early ends the command.
  if (isBad) process.exitCode = exitCodes.no;
  await write(options.output, textOf(printed, format, failOn));
}

async function askedReport(
  { client }: CommandContext,
  connectionId: string,
  only: readonly string[] | undefined,
): Promise<HealthReport> {
  let report: HealthReport | undefined;
  for await (const event of await client.health.run({ connectionId, ...(only ? { only: [...only] } : {}) })) {
    if (event.kind === 'progress') progressLine(`${event.done} of ${event.total} checks`);
    else report = event.report;
  }
  endProgress();
  if (!report) throw new CliEnd(exitCodes.failed, 'The report did not end');
  return report;
}

function textOf(
  printed: PrintedReport,
  format: ReportFormat | 'text',
  failOn: ReturnType<typeof severityOption>,
): string {
  switch (format) {
    case 'text':
      return healthText(printed);
    case 'json':
      return jsonText(printed);
    default:
      return exportReport(printed, format, { version: places.version, failOn }).text;
  }
}

function jsonText({ report, against }: PrintedReport): string {
  const json = {
    ...report,
    server: report.server.version,
    serverVersionNum: report.server.versionNum,
    inRecovery: report.server.inRecovery,
    ...(against ? { changes: against.changes, unsure: against.unsure } : {}),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

async function write(file: string | undefined, text: string): Promise<void> {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CliEnd(exitCodes.failed, `The report could not be written: ${toFailure(error).message}`);
  }
}
