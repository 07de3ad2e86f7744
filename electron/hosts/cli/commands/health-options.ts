import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { healthReportSchema, type HealthReport, type Severity } from '#contract/health-model.ts';
import { reportFormats, type ReportFormat } from '#contract/health.ts';
import { z } from '#contract/zod.ts';

import { toFailure } from '../../../postgres/failure.ts';
import {
  HealthInputError,
  healthChecks,
  healthRulesFile,
  type HealthRulesContent,
  isThreshold,
  parseHealthRules,
} from '../../../services/health/index.ts';
import type { CommandContext } from '../command-context.ts';
import { CliEnd, exitCodes } from '../exit-codes.ts';
import type { TargetOptions } from '../target.ts';

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

export function severityOption(text: string): Severity | 'never' {
  const severity = (['critical', 'warning', 'info', 'never'] as const).find((one) => one === text);
  if (severity === undefined)
    throw new CliEnd(exitCodes.usage, `--fail-on takes critical, warning, info or never, not ${text}`);
  return severity;
}

export function formatOption({ json, format }: HealthCommandOptions): ReportFormat | 'text' {
  const known = (['text', ...reportFormats] as const).find((one) => one === (format ?? (json ? 'json' : 'text')));
  if (known === undefined)
    throw new CliEnd(exitCodes.usage, `--format takes text, ${reportFormats.join(', ')}, not ${format}`);
  if (json && known !== 'json') throw new CliEnd(exitCodes.usage, `--json and --format ${known} are two formats`);
  return known;
}

/** The checks to ask: `only` those, or the usual ones and those of `also`. Ends with 2 where none or no check is named. */
export function checksOption(options: Pick<HealthCommandOptions, 'only' | 'also'>): {
  readonly only: readonly string[] | undefined;
  readonly also: readonly string[];
} {
  const only = options.only === undefined ? undefined : idList('--only', options.only);
  const also = options.also === undefined ? [] : idList('--also', options.also);
  return { only: only && [...new Set([...only, ...also])], also };
}

function idList(option: string, text: string): string[] {
  const ids = text
    .split(',')
    .map((id) => id.trim().toUpperCase())
    .filter((id) => id !== '');
  if (ids.length === 0) throw new CliEnd(exitCodes.usage, `${option} names no check`);
  const unknownIds = ids.filter((id) => !healthChecks.some((check) => check.id === id));
  if (unknownIds.length > 0)
    throw new CliEnd(exitCodes.usage, new HealthInputError(unknownIds).message, 'See the ids of a whole report.');
  return ids;
}

/** The rules of the data folder, or of --rules, with what stands on the command line over them. */
export async function rulesOption(
  options: HealthCommandOptions,
  also: readonly string[],
  { services }: CommandContext,
): Promise<HealthRulesContent> {
  const isUnreadable = services.settings.unreadableFiles.some(({ file }) => path.basename(file) === healthRulesFile);
  if (options.rules === undefined && isUnreadable)
    throw new CliEnd(
      exitCodes.usage,
      `Without ${healthRulesFile} the report does not know what is accepted`,
      'Mend the file, or give another one with --rules FILE.',
    );
  const base =
    options.rules === undefined
      ? services.health.rules.content
      : parseHealthRules(await readText(options.rules, '--rules'));
  return {
    ...base,
    thresholds: { ...base.thresholds, ...Object.fromEntries((options.threshold ?? []).map(thresholdOption)) },
    alsoAsk: [...base.alsoAsk, ...also],
  };
}

function thresholdOption(text: string): readonly [name: string, value: number] {
  const [, id = '', name = '', digits = ''] = /^([A-Za-z]{3}\d\d)\.(\w+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const threshold = `${id.toUpperCase()}.${name}`;
  const value = Number(digits);
  if (digits === '' || !isThreshold(threshold))
    throw new CliEnd(exitCodes.usage, `--threshold takes ID.name=number, not ${text}`);
  if (!Number.isFinite(value)) throw new CliEnd(exitCodes.usage, `The number of --threshold ${threshold} is too large`);
  return [threshold, value];
}

/** A report that was written with --json or by the app. */
export async function baselineOption(file: string): Promise<HealthReport> {
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

/** Without the byte order mark that editors and shells of Windows begin a file with. */
async function readText(file: string, option: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new CliEnd(exitCodes.usage, `${option}: ${toFailure(error).message}`);
  }
}
