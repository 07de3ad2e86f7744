import type { LogReader, LogSink } from './log-entry.ts';
import { mostMessageCharacters } from './log-entry.ts';
import { readLogTime } from './log-time.ts';
import { severityFor } from './severities.ts';
import { DockerLines } from './docker-lines.ts';
import { numberedStderrReader } from './stderr-reader.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads jsonlog (PostgreSQL 15 and later), and what collectors make of logs: objects that hold a record of csvlog by the
 * names of its columns, or a line of stderr in one of their strings. A line that is no JSON is told as unreadable.
 */
export function jsonReader(sink: LogSink): LogReader {
  let number = 0;
  // What lines of stderr inside of objects tell is put on the object's line.
  const wrapped = numberedStderrReader(sink);
  const docker = new DockerLines((text, line) => wrapped.push(text, line));
  return {
    push: (line) => {
      number += 1;
      const text = line.trim();
      if (text === '' || text === '[' || text === ']') return;
      const value = text.length > mostMessageCharacters ? null : parse(text.endsWith(',') ? text.slice(0, -1) : text);
      if (value === null) {
        sink.unreadable({ line: number, lines: 1, reason: 'This is not a whole object of JSON' });
        return;
      }
      if (emitRecord(value, number, sink)) return;
      const inner = innerOf(value);
      if (inner !== null && emitRecord(inner, number, sink)) return;
      if (typeof value['log'] === 'string') {
        docker.push(value['log'], value['stream'], number);
        return;
      }
      const message = stderrLineIn(value);
      if (message === null) {
        sink.unreadable({ line: number, lines: 1, reason: 'The object holds no message of PostgreSQL' });
        return;
      }
      for (const one of message.replace(/\n$/, '').split('\n')) wrapped.push(one, number);
    },
    end: () => {
      docker.end();
      wrapped.end();
    },
  };
}

function parse(text: string): Fields | null {
  if (!text.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

/** The record that CloudNativePG and others put into an object of their own. */
function innerOf(value: Fields): Fields | null {
  for (const name of ['record', 'jsonPayload', 'json', 'postgres']) {
    const inner = value[name];
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) return inner as Fields;
  }
  return null;
}

const severityInside = /\b(?:LOG|ERROR|WARNING|FATAL|PANIC|NOTICE|DETAIL|STATEMENT|CONTEXT|HINT|INFO|DEBUG\d?): {1,2}/;

/** A line of stderr in one of the strings, two objects deep at most. */
function stderrLineIn(value: Fields, depth = 0): string | null {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'string' && (severityInside.test(inner.slice(0, 1000)) || inner.startsWith('\t')))
      return inner;
    if (typeof inner === 'object' && inner !== null && depth < 2) {
      const found = stderrLineIn(inner as Fields, depth + 1);
      if (found !== null) return found;
    }
  }
  return null;
}

function emitRecord(value: Fields, line: number, sink: LogSink): boolean {
  const text = (...names: string[]): string | null => {
    for (const name of names) {
      const found = value[name];
      if (typeof found === 'string' && found !== '') return found;
      if (typeof found === 'number') return String(found);
    }
    return null;
  };
  const word = text('error_severity');
  const message = text('message');
  if (word === null || message === null) return false;
  const severity = severityFor(word, text('state_code', 'sql_state_code'));
  const time = readLogTime(text('timestamp', 'log_time') ?? '');
  const pid = Number(text('pid', 'process_id') ?? Number.NaN);
  sink.entry({
    line,
    atMs: time?.atMs ?? null,
    zone: time?.zone ?? null,
    pid: Number.isInteger(pid) ? pid : null,
    user: text('user', 'user_name'),
    database: text('dbname', 'database_name'),
    application: text('application_name'),
    client: text('remote_host') ?? text('connection_from')?.replace(/:\d+$/, '') ?? null,
    severity: severity.severity,
    sqlstate: text('state_code', 'sql_state_code') ?? (severity.severity === 'LOG' ? '00000' : null),
    message,
    detail: text('detail'),
    context: text('context'),
    statement: text('statement', 'query'),
    foreign: severity.foreign,
  });
  return true;
}
