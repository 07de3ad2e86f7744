import { readLogTime } from './log-time.ts';

/** What stands before the severity of a line, by any `log_line_prefix` that people are known to use. */
export interface LogPrefix {
  readonly atMs: number | null;
  readonly zone: string | null;
  readonly pid: number | null;
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string | null;
  readonly client: string | null;
  readonly sqlstate: string | null;
}

const nothing: LogPrefix = {
  atMs: null,
  zone: null,
  pid: null,
  user: null,
  database: null,
  application: null,
  client: null,
  sqlstate: null,
};

const bracketed = /\[(\d+)(?:-\d+)?\]/;
/** `%m %p `: nothing else is a number there. */
const behindZone = /\d\d:\d\d:\d\d(?:\.\d+)? (?:[A-Z]{2,5}|[+-]\d\d(?::?\d\d)?) (\d{1,10})(?=[\s:,]|$)/;
const namedPid = /\b(?:pid|process|p)=(\d+)/i;
/** `%c`: start of the session and process id, both hexadecimal. */
const session = /\b[0-9a-f]{8}\.([0-9a-f]{1,8})\b/;
const namedUser = /\b(?:user|usr|u)=([^,\s]*)/;
const namedDatabase = /\b(?:database|dbname|db|d)=([^,\s]*)/;
const namedApplication =
  /\b(?:application_name|application|app|a)=(.*?)(?=,\s?(?:client|host|remote|user|db|database|h|r|pid|session|txid|xid|e|state|sqlstate)=|\s+(?:client|host|remote|user|db|h|r)=|\s*$)/;
const namedClient = /\b(?:client|host|remote|h|r)=([^,\s]*)/;
const namedState = /\b(?:sqlstate|state|error|e)=([0-9A-Z]{5})\b/;
/** `user@database`, as the logs of many clouds have it. */
const pair = /(?:^|[\s:,([|])([^\s@:,[\]|()]+)@([^\s@:,[\]|()]+)/;

/** Reads a prefix. What it does not name stays null; `[unknown]` names nobody. */
export function readLogPrefix(prefix: string): LogPrefix {
  if (prefix === '') return nothing;
  const time = readLogTime(prefix);
  const pid =
    bracketed.exec(prefix)?.[1] ??
    (prefix.includes('=') ? namedPid.exec(prefix)?.[1] : undefined) ??
    behindZone.exec(prefix)?.[1];
  const hexPid = pid === undefined ? session.exec(prefix)?.[1] : undefined;
  const base = {
    ...nothing,
    atMs: time?.atMs ?? null,
    zone: time?.zone ?? null,
    pid: pid !== undefined ? Number(pid) : hexPid !== undefined ? Number.parseInt(hexPid, 16) : null,
  };
  const names = prefix.includes('=');
  const both = prefix.includes('@') ? pair.exec(prefix) : null;
  if (!names && both === null) return base;
  return {
    ...base,
    user: known((names ? namedUser.exec(prefix)?.[1] : undefined) ?? both?.[1]),
    database: known((names ? namedDatabase.exec(prefix)?.[1] : undefined) ?? both?.[2]),
    application: names ? known(namedApplication.exec(prefix)?.[1]?.trim()) : null,
    client: names ? known(namedClient.exec(prefix)?.[1]) : null,
    sqlstate: names ? (namedState.exec(prefix)?.[1] ?? null) : null,
  };
}

function known(value: string | undefined): string | null {
  return value === undefined || value === '' || value === '[unknown]' || value === '[local]' ? null : value;
}
