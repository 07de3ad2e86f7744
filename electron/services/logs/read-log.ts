import type { LogReport } from '#contract/logs.ts';

import type { LogFormat, LogReader, LogSink } from '../../plan-core/log/index.ts';
import { detectLogFormat, logReader } from '../../plan-core/log/index.ts';
import { normaliseStatement } from '../../postgres/sql-parser/index.ts';
import { logAdvice } from './log-advice.ts';
import type { DigestStatement, LogDigestResult } from './log-digest.ts';
import { LogDigest } from './log-digest.ts';
import type { LogFile } from './log-files.ts';
import { readLines } from './log-files.ts';

export interface LogProgress {
  readonly file: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly messages: number;
}

/** A log that was read: all but what the import is called. */
export interface ReadLog {
  readonly report: Omit<LogReport, 'id' | 'name' | 'connectionId' | 'importedAt' | 'kept' | 'filesLeftOut'>;
  readonly statements: DigestStatement[];
  readonly plans: LogDigestResult['plans'];
}

const mostUnreadable = 200;
/** The format is told by so many lines. */
const looked = 400;

/** Reads files one after the other as one log. Needs the SQL parser to be loaded. Throws only the signal's reason. */
export async function readLog(
  files: readonly LogFile[],
  onProgress: (progress: LogProgress) => void,
  signal: AbortSignal,
): Promise<ReadLog> {
  const digest = new LogDigest(normaliseStatement);
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const told: LogReport['files'] = [];
  const unreadable: LogReport['unreadable'] = [];
  const formats = new Set<LogFormat>();
  let unreadableLines = 0;
  let lines = 0;
  let doneBytes = 0;
  for (const file of files) {
    const intake = new Intake({
      entry: (entry) => digest.take(entry),
      unreadable: (bad) => {
        unreadableLines += bad.lines;
        if (unreadable.length < mostUnreadable) unreadable.push({ file: file.name, ...bad });
      },
    });
    const { problem } = await readLines(
      file,
      (batch) => {
        intake.push(batch);
        onProgress({ file: file.name, doneBytes, totalBytes, messages: digest.messages });
      },
      (bytes) => {
        doneBytes += bytes;
      },
      signal,
    );
    intake.end();
    if (intake.format !== null) formats.add(intake.format);
    lines += intake.lines;
    told.push({ name: file.name, bytes: file.bytes, lines: intake.lines, problem });
  }
  const { report, statements, plans, hints } = digest.finish();
  return {
    statements,
    plans,
    report: {
      ...report,
      formats: [...formats],
      files: told,
      bytes: totalBytes,
      lines,
      unreadableLines,
      unreadable,
      advice: logAdvice(report, hints, [...formats]),
    },
  };
}

/** Tells the format by the first lines of a file, then reads all of them. */
class Intake {
  format: LogFormat | null = null;
  lines = 0;
  readonly #sink: LogSink;
  #reader: LogReader | null = null;
  #held: string[] = [];

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  push(batch: string[]): void {
    if (this.lines === 0 && batch[0]?.charCodeAt(0) === 0xfeff) batch[0] = batch[0].slice(1);
    this.lines += batch.length;
    if (this.#reader !== null) return this.#feed(batch);
    for (const line of batch) this.#held.push(line);
    if (this.#held.length >= looked) this.#begin();
  }

  end(): void {
    if (this.#reader === null && this.#held.length > 0) this.#begin();
    this.#reader?.end();
  }

  #begin(): void {
    this.format = detectLogFormat(this.#held);
    this.#reader = logReader(this.format, this.#sink);
    const held = this.#held;
    this.#held = [];
    this.#feed(held);
  }

  #feed(batch: readonly string[]): void {
    for (const line of batch) this.#reader?.push(line);
  }
}
