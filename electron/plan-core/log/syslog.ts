import { readLogTime } from './log-time.ts';

/** What a syslog daemon puts before a line of PostgreSQL. `syslog_ident` may be any name: then its process id has to follow. */
export const SYSLOG =
  /^(?:<\d+>\d* ?)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) \S+ (?:postgres|[^\s[\]]{1,100}(?=\[\d+\]: ))(?:\[(\d+)\])?: (?:\[\d+-(\d+)\] ?)?/;

export interface SyslogLine {
  readonly text: string;
  readonly pid: number | null;
  readonly atMs: number | null;
  /** The number that PostgreSQL gave to the message in this process (`syslog_sequence_numbers`). */
  readonly sequence: number | null;
  /** PostgreSQL cuts long lines, and numbers the pieces of a message: this one is not the first. */
  readonly goesOn: boolean;
}

/** A line without syslog's prefix, its tabs put back. Null for a line without such a prefix. */
export function withoutSyslog(line: string): SyslogLine | null {
  const prefix = mayBeSyslog(line) ? SYSLOG.exec(line) : null;
  if (prefix === null) return null;
  return {
    text: line.slice(prefix[0].length).replaceAll('#011', '\t'),
    pid: prefix[1] === undefined ? null : Number(prefix[1]),
    atMs: readLogTime(prefix[0])?.atMs ?? monthTime(prefix[0]),
    // `[7-2] ` stands at the end.
    sequence: prefix[2] === undefined ? null : Number.parseInt(prefix[0].slice(prefix[0].lastIndexOf('[') + 1), 10),
    goesOn: prefix[2] !== undefined && prefix[2] !== '1',
  };
}

/** Most lines of PostgreSQL begin with a time that has a space in it: their first characters tell that they are none. */
function mayBeSyslog(line: string): boolean {
  const first = line.charCodeAt(0);
  const isDigit = first >= 48 && first <= 57;
  return isDigit ? line.charAt(10) === 'T' : line.startsWith('<') || (first >= 65 && first <= 90);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Nov 29 18:07:33` names no year: 1970 stands for it, so that distances are right. */
function monthTime(prefix: string): number | null {
  const found = /([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)/.exec(prefix);
  const month = months.indexOf(found?.[1] ?? '');
  return found && month >= 0
    ? Date.UTC(1970, month, Number(found[2]), Number(found[3]), Number(found[4]), Number(found[5]))
    : null;
}
