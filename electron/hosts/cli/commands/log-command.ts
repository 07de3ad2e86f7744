import { setFlagsFromString } from 'node:v8';

import { toFailure } from '../../../postgres/failure.ts';
import { findLogs, importInWorker, logClock, type ReadLog } from '../../../services/logs/index.ts';
import { CliEnd, exitCodes } from '../exit-codes.ts';
import { endProgress, formatTable, progressLine, visible, writeJson, writeLine } from '../output.ts';

export interface LogCommandOptions {
  readonly json?: boolean;
  readonly top: string;
}

/**
 * `steward log analyze FILE|FOLDER`: what a server's log says. Needs no server and no data folder; nothing is sent anywhere.
 *
 * `--json` writes `{ report, statements }`: `logReportSchema` without what names an import, and `{ statement, samples }`,
 * the `--top` ones first by the time they took; in the report `filesLeftOut`, how many logs of a folder were too many.
 */
export async function analyzeLog(file: string, options: LogCommandOptions): Promise<void> {
  const top = Number(options.top);
  if (!Number.isInteger(top) || top < 1 || top > 5000)
    throw new CliEnd(exitCodes.usage, `--top takes a number from 1 to 5000, not ${options.top}`);
  // Compiling all of the SQL parser for speed takes half a gigabyte for a moment; here it would not pay off.
  setFlagsFromString('--no-wasm-dynamic-tiering');
  setFlagsFromString('--no-wasm-tier-up');
  const { files, leftOut } = await orEnd(findLogs(file));
  const read = await importInWorker(files, ({ file: name, doneBytes, totalBytes }) =>
    progressLine(`${name}  ${totalBytes === 0 ? 0 : Math.floor((doneBytes / totalBytes) * 100)} %`),
  ).finally(endProgress);
  if (read.report.messages === 0) {
    const [bad] = read.report.unreadable;
    const problem = read.report.files.find((one) => one.problem !== null)?.problem;
    throw new CliEnd(
      exitCodes.usage,
      `Nothing in ${file} is a log of PostgreSQL`,
      problem ?? (bad === undefined ? 'It is empty.' : `Line ${bad.line}: ${bad.reason}.`),
    );
  }
  if (options.json)
    writeJson({ report: { ...read.report, filesLeftOut: leftOut }, statements: read.statements.slice(0, top) });
  else writeReport(read, top, leftOut);
}

async function orEnd<Value>(value: Promise<Value>): Promise<Value> {
  try {
    return await value;
  } catch (error) {
    const { message, hint } = toFailure(error);
    throw new CliEnd(exitCodes.usage, message, hint);
  }
}

const ms = (value: number | null): string => (value === null ? '' : value.toFixed(value < 10 ? 3 : 1));
const number = (value: number): string => value.toLocaleString('en');

function writeReport({ report, statements }: ReadLog, top: number, leftOut: number): void {
  const zone = report.zone === null ? '' : ` ${report.zone}`;
  writeLine(`${logClock(report.firstAt) ?? '?'} to ${logClock(report.lastAt) ?? '?'}${visible(zone)}`);
  writeLine(
    `${number(report.messages)} messages in ${number(report.lines)} lines, ${number(report.unreadableLines)} lines could not be read`,
  );
  for (const bad of report.unreadable.slice(0, 5)) writeLine(`  ${visible(bad.file)}:${bad.line}: ${bad.reason}`);
  for (const one of report.files)
    if (one.problem !== null) writeLine(`  ${visible(one.name)}: ${visible(one.problem)}`);
  if (leftOut > 0) writeLine(`  ${number(leftOut)} older files of the folder were left out`);
  writeLine(
    `${number(report.statements)} statements, ${number(report.calls)} calls, ${(report.totalMs / 1000).toFixed(1)} s; ${number(report.errors)} errors, ${number(report.plans)} plans, ${number(report.lockWaits)} waits for locks, ${number(report.deadlocks)} deadlocks, ${number(report.tempFiles)} temporary files`,
  );
  if (statements.length > 0) {
    writeLine();
    writeLine(
      formatTable(
        ['total ms', 'calls', 'mean ms', 'median', 'p95', 'p99', 'max', 'statement'],
        statements
          .slice(0, top)
          .map(({ statement: one }) => [
            ms(one.totalMs),
            number(one.calls),
            ms(one.meanMs),
            ms(one.medianMs),
            ms(one.p95Ms),
            ms(one.p99Ms),
            ms(one.maxMs),
            one.sql.replaceAll(/\s+/g, ' ').slice(0, 120),
          ]),
        [true, true, true, true, true, true, true, false],
      ),
    );
  }
  if (report.errorGroups.length > 0) {
    writeLine();
    writeLine(
      formatTable(
        ['count', 'severity', 'sqlstate', 'message'],
        report.errorGroups
          .slice(0, top)
          .map(({ count, severity, sqlstate, shape }) => [number(count), severity, sqlstate, shape.slice(0, 140)]),
        [true, false, false, false],
      ),
    );
  }
  for (const { title, state, sql } of report.advice) {
    writeLine();
    writeLine(`${title}${state === 'unsure' ? ' (off, or none happened)' : ''}`);
    writeLine(`  ${sql.replaceAll('\n', '\n  ')}`);
  }
}
