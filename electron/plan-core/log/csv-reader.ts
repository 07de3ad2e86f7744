import type { LogReader, LogSink } from './log-entry.ts';
import { mostMessageCharacters } from './log-entry.ts';
import { readLogTime } from './log-time.ts';
import { severityFor } from './severities.ts';

const begins = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [^,"]{1,40},/;
/**
 * All columns up to the message, which is never empty of quotes. Inside of a quoted field its quotes would be doubled: a
 * statement may quote a log.
 */
const beginsRecord = new RegExp(
  [
    String.raw`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [^,"]{1,40}`,
    // User, database, process id, client, session and line of the session.
    String.raw`(?:"(?:[^"]|"")*")?,(?:"(?:[^"]|"")*")?,\d+,(?:"(?:[^"]|"")*")?,[0-9a-f]+\.[0-9a-f]+,\d+`,
    // Command, begin of the session, and both transaction ids.
    String.raw`(?:"(?:[^"]|"")*")?,[^,"]{0,60},[^,"]{0,40},\d*`,
    // Severity, SQLSTATE and message.
    String.raw`[^,"]{1,40},[0-9A-Z]{5},"(?!"[^",])`,
  ].join(','),
);

/** Does this line begin a record of csvlog? */
export function looksLikeCsvLog(line: string): boolean {
  return beginsRecord.test(line);
}

/**
 * Reads csvlog of PostgreSQL 13 (23 to 24 fields) to 18 (26). A record that is cut off is told as unreadable; reading goes
 * on with the next one.
 */
export function csvReader(sink: LogSink): LogReader {
  let pending: string[] = [];
  let first = 0;
  let odd = false;
  let characters = 0;
  let number = 0;

  const giveUp = (lines: number, reason: string): void => {
    sink.unreadable({ line: first, lines, reason });
    pending = [];
    odd = false;
    characters = 0;
  };
  const add = (line: string, at: number): void => {
    if (pending.length > 0 && odd && beginsRecord.test(line)) giveUp(pending.length, 'The record is cut off');
    if (pending.length === 0) {
      if (!begins.test(line)) {
        if (line !== '') sink.unreadable({ line: at, lines: 1, reason: 'No record begins here' });
        return;
      }
      first = at;
    }
    pending.push(line);
    characters += line.length + 1;
    if (hasOddQuotes(line)) odd = !odd;
    if (odd) {
      if (characters > mostMessageCharacters) giveUp(pending.length, 'The record is too long or does not end');
      return;
    }
    const lines = pending;
    const start = first;
    const fields = splitRecord(lines.length === 1 ? (lines[0] ?? '') : lines.join('\n'));
    pending = [];
    characters = 0;
    if (fields !== null && emit(fields, start, sink)) return;
    // Whatever follows inside may be whole.
    const next = lines.findIndex((text, index) => index > 0 && beginsRecord.test(text));
    const bad = next === -1 ? lines.length : next;
    sink.unreadable({ line: start, lines: bad, reason: 'This is not a record of csvlog' });
    for (const [index, text] of lines.slice(bad).entries()) add(text, start + bad + index);
  };
  return {
    push: (line) => {
      number += 1;
      add(line, number);
    },
    end: () => {
      if (pending.length > 0) giveUp(pending.length, 'The record is cut off');
    },
  };
}

function hasOddQuotes(line: string): boolean {
  let odd = false;
  for (let at = line.indexOf('"'); at !== -1; at = line.indexOf('"', at + 1)) odd = !odd;
  return odd;
}

/** Fields of a record; null where its quotes are not those of CSV. */
function splitRecord(record: string): string[] | null {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (record.charCodeAt(at) === 34) {
      let end = at + 1;
      let doubled = false;
      for (;;) {
        end = record.indexOf('"', end);
        if (end === -1) return null;
        if (record.charCodeAt(end + 1) !== 34) break;
        doubled = true;
        end += 2;
      }
      const text = record.slice(at + 1, end);
      fields.push(doubled ? text.replaceAll('""', '"') : text);
      at = end + 1;
      if (at >= record.length) return fields;
      if (record.charCodeAt(at) !== 44) return null;
      at += 1;
    } else {
      const comma = record.indexOf(',', at);
      const text = comma === -1 ? record.slice(at) : record.slice(at, comma);
      if (text.includes('"')) return null;
      fields.push(text);
      if (comma === -1) return fields;
      at = comma + 1;
    }
  }
}

/** https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-CSVLOG */
function emit(fields: readonly string[], line: number, sink: LogSink): boolean {
  if (fields.length < 22 || fields.length > 40) return false;
  const pid = Number(fields[3]);
  const word = fields[11] ?? '';
  const time = readLogTime(fields[0] ?? '');
  if (!Number.isInteger(pid) || word === '' || time === null || !/^[0-9A-Z]{5}$/.test(fields[12] ?? '')) return false;
  const severity = severityFor(word, known(fields[12]));
  sink.entry({
    line,
    atMs: time.atMs,
    zone: time.zone,
    pid,
    user: known(fields[1]),
    database: known(fields[2]),
    client: known(fields[4])?.replace(/:\d+$/, '') ?? null,
    application: known(fields[22]),
    severity: severity.severity,
    sqlstate: known(fields[12]),
    message: fields[13] ?? '',
    detail: known(fields[14]),
    context: known(fields[18]),
    statement: known(fields[19]),
    foreign: severity.foreign,
  });
  return true;
}

function known(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value;
}
