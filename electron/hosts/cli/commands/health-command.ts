import { readFile, writeFile } from 'node:fs/promises';

import { healthReportSchema, type HealthReport, type Severity } from '#contract/health-model.ts';
import { reportFormats, type HealthChange, type ReportFormat } from '#contract/health.ts';
import { z } from '#contract/zod.ts';

import { toFailure } from '../../../postgres/failure.ts';
import {
  compareReports,
  exportReport,
  healthChecks,
  type HealthRulesContent,
  parseHealthRules,
} from '../../../services/health/index.ts';
import { places } from '../../places.ts';
import { openContext } from '../command-context.ts';
import { CliEnd, exitCodes } from '../exit-codes.ts';
import { endProgress, progressLine, visible, writeJson } from '../output.ts';
import { type TargetOptions, openTarget } from '../target.ts';

const severities: readonly Severity[] = ['critical', 'warning', 'info'];

export interface HealthCommandOptions extends TargetOptions {
  readonly only?: string;
  readonly also?: string;
  readonly failOn: string;
  readonly format?: string;
  readonly output?: string;
  readonly rules?: string;
  readonly threshold?: readonly string[];
  readonly baseline?: string;
  readonly json?: boolean;
}

/** `steward health TARGET`: the report; ends with 1 when a finding that counts is at or above --fail-on. */
export async function runHealth(target: string, options: HealthCommandOptions): Promise<void> {
  const failOn = severityOption(options.failOn);
  const format = formatOption(options);
  const baseline = options.baseline === undefined ? undefined : await readBaseline(options.baseline);
  await using context = await openContext('passing', options);
  const { rules } = context.services.health;
  rules.use(await rulesOf(options, rules.content));
  const connection = await openTarget(context, target, options);
  const only = idList(options.only);
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
  const changes = baseline && compareReports(baseline, report).changes;
  if (format === 'text') await write(options.output, textReport(report, changes));
  else if (format === 'json') await writeReportJson(report, changes, options.output);
  else {
    const printed = { report, subject: connection.name, forecasts: [] };
    await write(options.output, exportReport(printed, format, { version: places.version, failOn }).text);
  }
  const counted = changes
    ? changes.filter(({ kind }) => kind === 'new' || kind === 'worse').map(({ finding }) => finding)
    : report.checks.flatMap((check) => check.findings);
  const limit = failOn === 'never' ? -1 : severities.indexOf(failOn);
  const open = counted.filter((finding) => finding.suppressed === undefined);
  if (open.some((finding) => severities.indexOf(finding.severity) <= limit)) process.exitCode = exitCodes.no;
}

function severityOption(text: string): Severity | 'never' {
  const severity = [...severities, 'never' as const].find((one) => one === text);
  if (severity === undefined)
    throw new CliEnd(exitCodes.usage, `--fail-on takes critical, warning, info or never, not ${text}`);
  return severity;
}

function formatOption(options: HealthCommandOptions): ReportFormat | 'text' {
  if (options.json) return 'json';
  const format = (['text', ...reportFormats] as const).find((one) => one === (options.format ?? 'text'));
  if (format === undefined)
    throw new CliEnd(exitCodes.usage, `--format takes text, ${reportFormats.join(', ')}, not ${options.format}`);
  return format;
}

function idList(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((id) => id.trim().toUpperCase())
    .filter(Boolean);
}

/** The rules of the data folder, or of --rules, with what stands on the command line over them. */
async function rulesOf(options: HealthCommandOptions, kept: HealthRulesContent): Promise<HealthRulesContent> {
  const base = options.rules === undefined ? kept : parseHealthRules(await readText(options.rules, '--rules'));
  const thresholds = { ...base.thresholds };
  for (const text of options.threshold ?? []) {
    const match = /^([A-Za-z]{3}\d\d)\.(\w+)=(\d+(?:\.\d+)?)$/.exec(text);
    const [, id = '', name = '', value = ''] = match ?? [];
    const known = healthChecks.find((check) => check.id === id.toUpperCase())?.thresholds?.[name];
    if (!match || !known) throw new CliEnd(exitCodes.usage, `--threshold takes ID.name=number, not ${text}`);
    thresholds[`${id.toUpperCase()}.${name}`] = Number(value);
  }
  return { ...base, thresholds, alsoAsk: [...base.alsoAsk, ...(idList(options.also) ?? [])] };
}

async function readText(file: string, option: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CliEnd(exitCodes.usage, `${option}: ${toFailure(error).message}`);
  }
}

/** A report that was written with --json or by the app. */
async function readBaseline(file: string): Promise<HealthReport> {
  const text = await readText(file, '--baseline');
  const flat = z.looseObject({ server: z.string(), serverVersionNum: z.number().int(), inRecovery: z.boolean() });
  try {
    const json: unknown = JSON.parse(text);
    const asFlat = flat.safeParse(json);
    return healthReportSchema.parse(
      asFlat.success
        ? {
            ...asFlat.data,
            server: {
              version: asFlat.data.server,
              versionNum: asFlat.data.serverVersionNum,
              inRecovery: asFlat.data.inRecovery,
            },
          }
        : json,
    );
  } catch {
    throw new CliEnd(exitCodes.usage, `--baseline: ${file} is no report that was written with --json`);
  }
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

async function writeReportJson(
  report: HealthReport,
  changes: readonly HealthChange[] | undefined,
  file: string | undefined,
): Promise<void> {
  const json = {
    ...report,
    server: report.server.version,
    serverVersionNum: report.server.versionNum,
    inRecovery: report.server.inRecovery,
    ...(changes ? { changes } : {}),
  };
  if (file === undefined) writeJson(json);
  else await write(file, `${JSON.stringify(json, null, 2)}\n`);
}

function textReport(report: HealthReport, changes: readonly HealthChange[] | undefined): string {
  const lines = [
    `${visible(report.database)} on PostgreSQL ${report.server.version}: ${report.checks.length} checks in ${(report.durationMs / 1000).toFixed(1)} s, score ${report.score ?? 100} of 100`,
  ];
  const kindOf = new Map(changes?.map((change) => [change.finding, change.kind]));
  for (const severity of severities) {
    for (const check of report.checks) {
      for (const finding of check.findings) {
        if (finding.severity !== severity || finding.suppressed) continue;
        const kind = kindOf.get(finding);
        lines.push(
          '',
          `${severity.padEnd(8)} ${check.id}  ${visible(finding.message)}${kind === undefined || kind === 'same' ? '' : ` [${kind}]`}`,
        );
        if (finding.fixSql) lines.push(`         fix: ${visibleLines(finding.fixSql).join('\n              ')}`);
        if (finding.fixSql && finding.lock) lines.push(`         lock: ${finding.lock}`);
        if (finding.caution) lines.push(`         caution: ${visible(finding.caution)}`);
      }
    }
  }
  for (const change of changes?.filter(({ kind }) => kind === 'gone') ?? [])
    lines.push('', `gone     ${change.check}  ${visible(change.finding.message)}`);
  const suppressed = report.checks.flatMap((check) =>
    check.findings.filter((finding) => finding.suppressed).map((finding) => ({ check, finding })),
  );
  if (suppressed.length > 0) lines.push('');
  for (const { check, finding } of suppressed)
    lines.push(`suppressed ${check.id} ${visible(finding.message)} (${visible(finding.suppressed?.reason ?? '')})`);
  const silent = report.checks.filter((check) => check.status === 'skipped' || check.status === 'error');
  if (silent.length > 0) lines.push('');
  for (const check of silent) {
    lines.push(
      `${check.status === 'error' ? 'error   ' : 'cannot tell'} ${check.id} ${check.title}: ${visible(check.reason ?? '')}${check.unlockSql ? ` (${visible(check.unlockSql)})` : ''}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function visibleLines(sql: string): string[] {
  return sql.split('\n').map(visible);
}
