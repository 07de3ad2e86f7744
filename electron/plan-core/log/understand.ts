import type { LogEntry } from './log-entry.ts';
import { foreignDuration } from './severities.ts';
import { type LaterStarts, readPhase } from './statement-phase.ts';

/** What a message of the server says, as far as Steward counts it. */
export type LogEvent =
  | {
      readonly kind: 'duration';
      readonly ms: number;
      /** `bare`: without its statement, as `log_duration` writes it. */
      readonly phase: 'statement' | 'parse' | 'bind' | 'execute' | 'fetch' | 'function' | 'bare';
      readonly text: string;
      readonly laterStarts?: LaterStarts;
    }
  /** A statement before it runs, as `log_statement` writes it. */
  | { readonly kind: 'logged'; readonly text: string; readonly laterStarts?: LaterStarts }
  | { readonly kind: 'plan'; readonly ms: number; readonly body: string; readonly queryText: string | null }
  | { readonly kind: 'temp-file'; readonly sizeBytes: number }
  | {
      readonly kind: 'lock-wait';
      readonly state: 'waiting' | 'acquired' | 'failed' | 'deadlock' | 'avoided';
      readonly pid: number;
      readonly mode: string;
      readonly object: string;
      readonly ms: number;
      readonly holders: readonly number[];
      readonly queue: readonly number[];
    }
  | {
      readonly kind: 'vacuum' | 'analyze';
      readonly table: string;
      readonly toPreventWraparound: boolean;
      readonly aggressive: boolean;
      readonly elapsedMs: number | null;
      readonly tuplesRemoved: number | null;
      readonly tuplesRemain: number | null;
      readonly tuplesDead: number | null;
      readonly pagesRemoved: number | null;
      readonly indexScans: number | null;
      readonly walBytes: number | null;
      readonly readBlocks: number | null;
    }
  | { readonly kind: 'checkpoint-start'; readonly reason: string; readonly restartpoint: boolean }
  | {
      readonly kind: 'checkpoint';
      readonly restartpoint: boolean;
      readonly buffers: number;
      readonly writeMs: number;
      readonly syncMs: number;
      readonly totalMs: number;
      readonly longestSyncMs: number;
      readonly distanceBytes: number | null;
      readonly walAdded: number;
      readonly walRemoved: number;
      readonly walRecycled: number;
    }
  | { readonly kind: 'checkpoints-frequent'; readonly secondsApart: number }
  | {
      readonly kind: 'connection';
      readonly what: 'received' | 'authorized' | 'ended';
      readonly sessionMs: number | null;
    }
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'problem'; readonly severity: 'WARNING' | 'ERROR' | 'FATAL' | 'PANIC' }
  /** In another language than English: its fields count, its words are not read. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'other' };

const other: LogEvent = { kind: 'other' };

const duration = /^duration: (\d+(?:\.\d+)?) ms(?: {1,2}(.*))?$/s;
const planBody = /^plan:[ \t]*\r?\n?([\s\S]*)$/;
const lockWait =
  /^process (\d+) (still waiting for|acquired|failed to acquire|detected deadlock while waiting for|avoided deadlock for) (\S+) on ([\s\S]*?)(?: by rearranging queue order)? after (\d+\.\d+) ms$/;
const waitStates = {
  'still waiting for': 'waiting',
  acquired: 'acquired',
  'failed to acquire': 'failed',
  'detected deadlock while waiting for': 'deadlock',
  'avoided deadlock for': 'avoided',
} as const;

/** What a message says. Any text is fine: what is not known is `other`. */
export function understand(entry: Pick<LogEntry, 'severity' | 'message' | 'detail' | 'foreign'>): LogEvent {
  const { severity, message } = entry;
  if (severity === 'ERROR' || severity === 'FATAL' || severity === 'PANIC' || severity === 'WARNING')
    return { kind: 'problem', severity };
  if (entry.foreign) return { kind: 'foreign' };
  switch (message.charCodeAt(0)) {
    // d
    case 100:
      return message.startsWith('duration: ')
        ? readDuration(message)
        : message.startsWith('disconnection: ')
          ? { kind: 'connection', what: 'ended', sessionMs: sessionTime(message) }
          : foreignOr(message);
    // s
    case 115:
      if (message.startsWith('statement: ')) return { kind: 'logged', text: message.slice(11) };
      if (message.startsWith('starting PostgreSQL '))
        return { kind: 'version', version: /^starting PostgreSQL (\S+)/.exec(message)?.[1] ?? '' };
      return foreignOr(message);
    // e
    case 101: {
      const found = message.startsWith('execute ') ? readPhase(message) : null;
      return found ? { kind: 'logged', text: found.text, ...found.later } : other;
    }
    // t
    case 116: {
      const found = /^temporary file: path "[^]*", size (\d+)$/.exec(message);
      return found ? { kind: 'temp-file', sizeBytes: Number(found[1]) } : other;
    }
    // p
    case 112:
      return message.startsWith('process ') ? readLockWait(entry) : foreignOr(message);
    // a
    case 97:
      return message.startsWith('automatic ') ? readAutovacuum(message) : other;
    // c
    case 99:
      if (message.startsWith('checkpoint')) return readCheckpoint(message);
      if (message.startsWith('connection received')) return { kind: 'connection', what: 'received', sessionMs: null };
      if (message.startsWith('connection authorized'))
        return { kind: 'connection', what: 'authorized', sessionMs: null };
      return foreignOr(message);
    // r
    case 114:
      if (message.startsWith('restartpoint')) return readCheckpoint(message);
      if (message.startsWith('replication connection authorized'))
        return { kind: 'connection', what: 'authorized', sessionMs: null };
      return other;
    default:
      return foreignOr(message);
  }
}

function foreignOr(message: string): LogEvent {
  return foreignDuration.test(message) ? { kind: 'foreign' } : other;
}

function readDuration(message: string): LogEvent {
  const found = duration.exec(message);
  if (!found) return other;
  const ms = Number(found[1]);
  const rest = found[2];
  if (rest === undefined || rest === '') return { kind: 'duration', ms, phase: 'bare', text: '' };
  const plan = rest.startsWith('plan:') ? planBody.exec(rest) : null;
  if (plan) return { kind: 'plan', ms, body: plan[1] ?? '', queryText: queryTextOf(plan[1] ?? '') };
  const what = readPhase(rest);
  if (!what) return other;
  const { word, text, later } = what;
  switch (word) {
    case 'statement':
    case 'parse':
    case 'bind':
    case 'execute':
      return { kind: 'duration', ms, phase: word, text, ...later };
    case 'execute fetch from':
      return { kind: 'duration', ms, phase: 'fetch', text, ...later };
    default:
      return { kind: 'duration', ms, phase: 'function', text: `fastpath function call: ${text}` };
  }
}

/** The statement that auto_explain writes before a plan, in the format of the plan. */
function queryTextOf(body: string): string | null {
  const start = body.trimStart();
  if (start.startsWith('{') || start.startsWith('[')) {
    const found = /"Query Text"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(start);
    if (!found?.[1]) return null;
    try {
      return JSON.parse(found[1]) as string;
    } catch {
      return null;
    }
  }
  if (start.startsWith('<')) {
    const found = /<Query-Text>([\s\S]*?)<\/Query-Text>/.exec(start);
    return found?.[1] === undefined
      ? null
      : found[1]
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&quot;', '"')
          .replaceAll('&#x0d;', '\r')
          .replaceAll('&amp;', '&');
  }
  const yaml = /^Query Text: ("(?:[^"\\]|\\.)*")\s*$/m.exec(start);
  if (yaml?.[1] !== undefined && /^Plan: *$/m.test(start)) {
    try {
      return JSON.parse(yaml[1]) as string;
    } catch {
      return null;
    }
  }
  if (!start.startsWith('Query Text: ')) return null;
  // The plan begins at the first line with costs; what stands between, such as `Query Parameters:`, is no statement.
  const lines = start.slice(12).split('\n');
  const end = lines.findIndex(
    (line, index) =>
      index > 0 &&
      (/ {2}\(cost=\d/.test(line) || / {2}\(actual (?:time|rows)=/.test(line) || line.startsWith('Query Parameters: ')),
  );
  return (end === -1 ? lines : lines.slice(0, end)).join('\n');
}

function readLockWait({ message, detail }: Pick<LogEntry, 'message' | 'detail'>): LogEvent {
  const found = lockWait.exec(message);
  if (!found) return other;
  const numbers = (text: string | undefined): number[] =>
    [...(text ?? '').matchAll(/\d+/g)].map(([digits]) => Number(digits));
  const holders = /Process(?:es)? holding the lock: ([\d, ]+)/.exec(detail ?? '')?.[1];
  const queue = /Wait queue: ([\d, ]+)/.exec(detail ?? '')?.[1];
  return {
    kind: 'lock-wait',
    state: waitStates[found[2] as keyof typeof waitStates],
    pid: Number(found[1]),
    mode: found[3] ?? '',
    object: found[4] ?? '',
    ms: Number(found[5]),
    holders: numbers(holders),
    queue: numbers(queue),
  };
}

const autovacuum =
  /^automatic (aggressive )?(vacuum|analyze)(?: (to prevent wraparound))? of table "([^\n]*?)"(?::|\n| system usage:|$)/;

function readAutovacuum(message: string): LogEvent {
  const found = autovacuum.exec(message);
  if (!found) return other;
  const number = (expression: RegExp): number | null => {
    const value = expression.exec(message)?.[1];
    return value === undefined ? null : Number(value);
  };
  const elapsed = number(/elapsed: (\d+(?:\.\d+)?) s/);
  return {
    kind: found[2] === 'vacuum' ? 'vacuum' : 'analyze',
    table: found[4] ?? '',
    aggressive: found[1] !== undefined,
    toPreventWraparound: found[3] !== undefined,
    elapsedMs: elapsed === null ? null : Math.round(elapsed * 1000),
    tuplesRemoved: number(/tuples: (\d+) removed/),
    tuplesRemain: number(/tuples: \d+ removed, (\d+) remain/),
    tuplesDead: number(/(\d+) are dead but not yet removable/),
    pagesRemoved: number(/pages: (\d+) removed/),
    indexScans: number(/index scans: (\d+)/),
    walBytes: number(/WAL usage: [^\n]*?(\d+) bytes/),
    readBlocks: number(/buffer usage: \d+ hits, (\d+) (?:misses|reads)/),
  };
}

function readCheckpoint(message: string): LogEvent {
  const restartpoint = message.startsWith('restartpoint');
  const start = /^(?:check|restart)point starting: (.*)$/.exec(message);
  if (start) return { kind: 'checkpoint-start', reason: start[1] ?? '', restartpoint };
  const frequent = /^checkpoints are occurring too frequently \((\d+) seconds? apart\)/.exec(message);
  if (frequent) return { kind: 'checkpoints-frequent', secondsApart: Number(frequent[1]) };
  const complete = /^(?:check|restart)point complete: wrote (\d+) buffers/.exec(message);
  if (!complete) return other;
  const number = (expression: RegExp): number => Number(expression.exec(message)?.[1] ?? 0);
  const distance = /distance=(\d+) kB/.exec(message)?.[1];
  return {
    kind: 'checkpoint',
    restartpoint,
    buffers: Number(complete[1]),
    writeMs: Math.round(number(/write=(\d+(?:\.\d+)?) s/) * 1000),
    syncMs: Math.round(number(/sync=(\d+(?:\.\d+)?) s/) * 1000),
    totalMs: Math.round(number(/total=(\d+(?:\.\d+)?) s/) * 1000),
    longestSyncMs: Math.round(number(/longest=(\d+(?:\.\d+)?) s/) * 1000),
    distanceBytes: distance === undefined ? null : Number(distance) * 1024,
    walAdded: number(/; (\d+) WAL file\(s\) added/),
    walRemoved: number(/added, (\d+) removed/),
    walRecycled: number(/removed, (\d+) recycled/),
  };
}

function sessionTime(message: string): number | null {
  const found = /session time: (\d+):(\d\d):(\d\d)\.(\d{3})/.exec(message);
  return found ? ((Number(found[1]) * 60 + Number(found[2])) * 60 + Number(found[3])) * 1000 + Number(found[4]) : null;
}

export interface ReadParameters {
  /** As text, null for NULL, by their numbers; what a log leaves out is missing from the end. */
  readonly values: readonly (string | null)[];
  /** The server cut at least one of them (`log_parameter_max_length`). */
  readonly cut: boolean;
}

/**
 * Values of parameters: `parameters: $1 = 'it''s', $2 = NULL` (up to 15), `Parameters: …` (from 16), and the context of an
 * error (`unnamed portal with parameters: …`). Null where the text holds none.
 */
export function readParameters(text: string | null): ReadParameters | null {
  if (text === null) return null;
  const start = /(?:^|\s)[Pp]arameters: (?=\$1 = )/.exec(text);
  if (!start) return null;
  const values: (string | null)[] = [];
  let cut = false;
  let at = start.index + start[0].length;
  for (let expected = 1; expected <= 65_535; expected += 1) {
    const name = `$${expected} = `;
    if (!text.startsWith(name, at)) break;
    at += name.length;
    if (text.startsWith('NULL', at)) {
      values.push(null);
      at += 4;
    } else if (text[at] === "'") {
      let end = at + 1;
      for (;;) {
        end = text.indexOf("'", end);
        if (end === -1) return { values, cut: true };
        if (text[end + 1] !== "'") break;
        end += 2;
      }
      const value = text.slice(at + 1, end).replaceAll("''", "'");
      // Three dots stand behind what is left of a value that was too long.
      if (value.endsWith('...')) cut = true;
      values.push(value);
      at = end + 1;
    } else return { values, cut: true };
    if (!text.startsWith(', ', at)) break;
    at += 2;
  }
  return values.length === 0 ? null : { values, cut };
}
