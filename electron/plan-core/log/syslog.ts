import { readLogTime } from './log-time.ts';

/** What a syslog daemon puts before a line of PostgreSQL. */
export const SYSLOG =
  /^(?:<\d+>\d* ?)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) \S+ postgres(?:\[(\d+)\])?: (?:\[\d+-(\d+)\] ?)?/;

export interface SyslogLine {
  readonly text: string;
  readonly pid: number | null;
  readonly atMs: number | null;
  /** Syslog cuts long lines and numbers the pieces: this one belongs to the line before. */
  readonly goesOn: boolean;
}

/** A line without syslog's prefix, its tabs put back. */
export function withoutSyslog(line: string): SyslogLine {
  const prefix = line.includes(' postgres') ? SYSLOG.exec(line) : null;
  if (prefix === null) return { text: line, pid: null, atMs: null, goesOn: false };
  const text = line.slice(prefix[0].length).replaceAll('#011', '\t');
  return {
    text,
    pid: prefix[1] === undefined ? null : Number(prefix[1]),
    atMs: readLogTime(prefix[0])?.atMs ?? monthTime(prefix[0]),
    goesOn: prefix[2] !== undefined && prefix[2] !== '1' && !text.startsWith('\t'),
  };
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
