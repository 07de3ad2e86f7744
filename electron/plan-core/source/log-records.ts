import { SYSLOG } from '../log/syslog.ts';
import { isLogLine } from './source-lines.ts';

/** One message of auto_explain, as it was before the server's log put it into lines of its own. */
export type LogRecord = {
  readonly durationMs: number;
  /** What follows `duration: 12.3 ms  plan:`, in whichever format. */
  readonly body: string;
  /** 1-based line of the source that the body begins on. */
  readonly line: number;
  /** Whether the body has the lines of the source; jsonlog has all of them in one. */
  readonly hasOwnLines: boolean;
  /** Characters before every line of the body in the source. */
  readonly indent: number;
};

const MESSAGE = /duration: ([\d.]+) ms\s+plan:[ \t]*\r?\n?/;

/** Does the source hold a message of auto_explain? */
export function mayHaveRecords(source: string): boolean {
  return source.includes('plan:') && MESSAGE.test(source);
}

/**
 * The plans that auto_explain wrote into a log: stderr with any `log_line_prefix`, csvlog, jsonlog, syslog.
 * @returns null when there is none
 */
export function readLogRecords(source: string): LogRecord[] | null {
  if (!mayHaveRecords(source)) return null;
  const fromCsv = readCsvLog(source);
  if (fromCsv.length > 0) return fromCsv;
  const lines = source.split(/\r\n|\n|\r/);
  const fromJson = lines.flatMap(readJsonLine);
  const records = fromJson.length > 0 ? fromJson : readStderr(joinSyslog(lines));
  return records.length > 0 ? records : null;
}

function recordOf(message: string, line: number, hasOwnLines: boolean): LogRecord[] {
  const found = MESSAGE.exec(message);
  if (!found) return [];
  return [
    { durationMs: Number(found[1]), body: message.slice(found.index + found[0].length), line, hasOwnLines, indent: 0 },
  ];
}

/** The message is a field in quotes, those inside of it doubled. */
function readCsvLog(source: string): LogRecord[] {
  const opening = /,"(?=duration: [\d.]+ ms\s+plan:)/g;
  const records: LogRecord[] = [];
  let line = 1;
  let counted = 0;
  for (let found = opening.exec(source); found; found = opening.exec(source)) {
    const start = found.index + 2;
    let end = start;
    while (end < source.length) {
      end = source.indexOf('"', end);
      if (end === -1) end = source.length;
      else if (source[end + 1] === '"') end += 2;
      else break;
    }
    for (let newline = source.indexOf('\n', counted); newline !== -1 && newline < start;) {
      line += 1;
      counted = newline + 1;
      newline = source.indexOf('\n', counted);
    }
    for (const record of recordOf(source.slice(start, end).replaceAll('""', '"'), line + 1, true)) records.push(record);
    opening.lastIndex = end;
  }
  return records;
}

/** Cloud providers wrap the message in objects of their own: whichever string holds it. */
function readJsonLine(line: string, index: number): LogRecord[] {
  if (!/^\s*\{/.test(line) || !MESSAGE.test(line.replaceAll('\\n', '\n'))) return [];
  try {
    const value: unknown = JSON.parse(line);
    return stringsIn(value)
      .flatMap((text) => recordOf(text, index + 1, false))
      .slice(0, 1);
  } catch {
    // A cut record is left as it is, for a reader to say where it ends.
    return [];
  }
}

function stringsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > 3) return [];
  return Object.values(value).flatMap((inner) => stringsIn(inner, depth + 1));
}

type LogLine = { text: string; readonly number: number };

/** Takes the prefix of syslog off. It cuts long lines, and numbers the pieces: one that begins without a tab goes on. */
function joinSyslog(lines: readonly string[]): LogLine[] {
  const result: LogLine[] = [];
  for (const [index, line] of lines.entries()) {
    const prefix = line.includes('postgres') ? SYSLOG.exec(line) : null;
    const text = prefix ? line.slice(prefix[0].length).replaceAll('#011', '\t') : line;
    const last = result.at(-1);
    if (prefix?.[2] !== undefined && prefix[2] !== '1' && !text.startsWith('\t') && last) last.text += text;
    else result.push({ text, number: index + 1 });
  }
  return result;
}

/** The lines of a message after its first begin with a tab; where somebody took the tabs off, it ends at the next message. */
function readStderr(lines: readonly LogLine[]): LogRecord[] {
  const records: LogRecord[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const found = MESSAGE.exec(lines[index]?.text ?? '');
    if (!found) continue;
    const first = lines[index + 1];
    const hasTabs = first?.text.startsWith('\t') ?? false;
    const body: string[] = [];
    let next = index + 1;
    for (let line = lines[next]; line; line = lines[next]) {
      if (hasTabs ? !isTabbed(lines, next) : isLogLine(line.text) || MESSAGE.test(line.text)) break;
      body.push(hasTabs ? line.text.slice(1) : line.text);
      next += 1;
    }
    records.push({
      durationMs: Number(found[1]),
      body: body.join('\n'),
      line: first?.number ?? lines[index]?.number ?? 1,
      hasOwnLines: true,
      indent: hasTabs ? 1 : 0,
    });
    index = next - 1;
  }
  return records;
}

/** An editor may have taken the tab off a line that holds nothing else. */
function isTabbed(lines: readonly LogLine[], index: number): boolean {
  const text = lines[index]?.text ?? '';
  return text.startsWith('\t') || (text === '' && (lines[index + 1]?.text.startsWith('\t') ?? false));
}
