import path from 'node:path';

import { type BackupFormat, backupFormats } from '#contract/backups.ts';

import { openContext } from '../command-context.ts';
import { CliEnd, exitCodeOf, exitCodes } from '../exit-codes.ts';
import { endProgress, progressLine, writeJson, writeLine } from '../output.ts';
import { type TargetOptions, openTarget } from '../target.ts';

export interface BackupCommandOptions extends TargetOptions {
  readonly to: string;
  readonly format: string;
  readonly tool: string;
  readonly schemaOnly?: boolean;
  readonly json?: boolean;
}

/** `steward backup TARGET --to DIR`: one backup, written and read back. SIGINT and SIGTERM leave nothing behind. */
export async function runBackup(target: string, options: BackupCommandOptions): Promise<void> {
  const format = backupFormats.find((one): one is BackupFormat => one === options.format);
  if (!format) throw new CliEnd(exitCodes.usage, `--format takes ${backupFormats.join(', ')}, not ${options.format}`);
  const tool = (['auto', 'native', 'built-in'] as const).find((one) => one === options.tool);
  if (!tool) throw new CliEnd(exitCodes.usage, `--tool takes auto, native or built-in, not ${options.tool}`);
  await using context = await openContext('passing', options);
  const { services } = context;
  const connection = await openTarget(context, target, options);
  const run = services.backups.start({
    connectionId: connection.id,
    format,
    directory: path.resolve(options.to),
    schemaOnly: options.schemaOnly ?? false,
    tool,
  });
  const cancel = () => services.jobs.cancel(run.job.id);
  process.once('SIGINT', cancel);
  process.once('SIGTERM', cancel);
  const watching = new AbortController();
  void (async () => {
    for await (const jobs of services.jobs.jobs.watch(watching.signal, 200)) {
      const job = jobs.find(({ id }) => id === run.job.id);
      if (job) progressLine(`${job.fraction === null ? '' : `${Math.round(job.fraction * 100)} %  `}${job.step}`);
    }
  })();
  const job = await run.done;
  const backup = await run.backup;
  watching.abort();
  endProgress();
  process.off('SIGINT', cancel);
  process.off('SIGTERM', cancel);
  if (!backup) {
    const failure = job.failure;
    throw new CliEnd(
      failure ? (failure.code === 'input_output' ? exitCodes.failed : exitCodeOf(failure)) : exitCodes.failed,
      failure?.message ?? 'The backup failed',
      failure?.hint,
    );
  }
  if (options.json)
    writeJson({
      file: backup.file,
      manifest: backup.manifest,
      level: backup.level,
      sizeBytes: backup.sizeBytes,
      durationMs: backup.durationMs,
    });
  else {
    writeLine(backup.file);
    writeLine(job.outcome ?? '');
  }
}
