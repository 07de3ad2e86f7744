import { csvReader, looksLikeCsvLog } from './csv-reader.ts';
import { jsonReader } from './json-reader.ts';
import type { LogReader, LogSink } from './log-entry.ts';
import { stderrReader } from './stderr-reader.ts';

export type { LogEntry, LogReader, LogSink, Unreadable } from './log-entry.ts';
export { type LogEvent, type ReadParameters, readParameters, understand } from './understand.ts';
export type { LaterStarts } from './statement-phase.ts';
export { messageShape } from './message-shape.ts';

export type LogFormat = 'stderr' | 'csv' | 'json';

/** Which format a log has, by its first lines. */
export function detectLogFormat(lines: readonly string[]): LogFormat {
  const filled = lines.filter((line) => line.trim() !== '').slice(0, 400);
  const share = (test: (line: string) => boolean) => filled.filter(test).length;
  const records = share(looksLikeCsvLog);
  // A record of csvlog may quote lines of another log.
  if (records > 0 && records >= share((line) => stderrLine.test(line))) return 'csv';
  if (share((line) => /^\s*\{\s*"/.test(line)) > filled.length / 2) return 'json';
  return 'stderr';
}

const stderrLine = /^[^\t,]*(?:,[^\t,]*){0,3}\b(?:LOG|ERROR|WARNING|FATAL): {2}/;

/** A reader of that format. It never throws, whatever the lines are. */
export function logReader(format: LogFormat, sink: LogSink): LogReader {
  return format === 'csv' ? csvReader(sink) : format === 'json' ? jsonReader(sink) : stderrReader(sink);
}
