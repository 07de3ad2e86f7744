import type { HealthReport, Severity } from '#contract/health-model.ts';

import { openContext } from '../command-context.ts';
import { CliEnd, exitCodes } from '../exit-codes.ts';
import { endProgress, progressLine, visible, writeJson, writeLine } from '../output.ts';
import { type TargetOptions, openTarget } from '../target.ts';

const severities: readonly Severity[] = ['critical', 'warning', 'info'];

export interface HealthCommandOptions extends TargetOptions {
  readonly only?: string;
  readonly failOn: string;
  readonly json?: boolean;
}

/** `steward health TARGET`: the report; ends with 1 when a finding is at or above --fail-on. */
export async function runHealth(target: string, options: HealthCommandOptions): Promise<void> {
  const failOn = severities.findIndex((severity) => severity === options.failOn);
  if (failOn < 0 && options.failOn !== 'never')
    throw new CliEnd(exitCodes.usage, `--fail-on takes critical, warning, info or never, not ${options.failOn}`);
  await using context = await openContext('passing', options);
  const connection = await openTarget(context, target, options);
  const only = options.only
    ?.split(',')
    .map((id) => id.trim().toUpperCase())
    .filter(Boolean);
  let report: HealthReport | undefined;
  for await (const event of await context.client.health.run({
    connectionId: connection.id,
    ...(only ? { only } : {}),
  })) {
    if (event.kind === 'progress') progressLine(`${event.done} of ${event.total} checks`);
    else report = event.report;
  }
  endProgress();
  if (!report) throw new CliEnd(exitCodes.failed, 'The report did not end');
  if (options.json) {
    writeJson({
      ...report,
      server: report.server.version,
      serverVersionNum: report.server.versionNum,
      inRecovery: report.server.inRecovery,
    });
  } else writeReport(report);
  const worst = report.checks.flatMap((check) => check.findings.map((finding) => severities.indexOf(finding.severity)));
  if (worst.some((severity) => severity <= failOn)) process.exitCode = exitCodes.no;
}

function writeReport(report: HealthReport): void {
  writeLine(
    `${visible(report.database)} on PostgreSQL ${report.server.version}: ${report.checks.length} checks in ${(report.durationMs / 1000).toFixed(1)} s`,
  );
  for (const severity of severities) {
    for (const check of report.checks) {
      for (const finding of check.findings.filter((one) => one.severity === severity)) {
        writeLine();
        writeLine(`${severity.padEnd(8)} ${check.id}  ${visible(finding.message)}`);
        if (finding.fixSql) writeLine(`         fix: ${finding.fixSql.replaceAll('\n', '\n              ')}`);
        if (finding.fixSql && finding.lock) writeLine(`         lock: ${finding.lock}`);
      }
    }
  }
  const silent = report.checks.filter((check) => check.status === 'skipped' || check.status === 'error');
  if (silent.length > 0) writeLine();
  for (const check of silent) {
    writeLine(
      `${check.status === 'error' ? 'error   ' : 'cannot tell'} ${check.id} ${check.title}: ${visible(check.reason ?? '')}${check.unlockSql ? ` (${check.unlockSql})` : ''}`,
    );
  }
}
