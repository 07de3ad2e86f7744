import type { LogEntry, LogReader, LogSink } from './log-entry.ts';
import { mostMessageCharacters } from './log-entry.ts';
import type { LogPrefix } from './log-prefix.ts';
import { readLogPrefix } from './log-prefix.ts';
import { foreignHeader, severityOf } from './severities.ts';
import { withoutSyslog } from './syslog.ts';

const header =
  /^(.{0,800}?)\b(LOG|DETAIL|STATEMENT|ERROR|CONTEXT|HINT|WARNING|FATAL|NOTICE|QUERY|LOCATION|INFO|DEBUG[1-5]?|PANIC|BACKTRACE):  /;
/** Some collectors fold spaces into one; then there has to be a time before it. */
const foldedHeader =
  /^(.{0,800}?\d\d:\d\d:\d\d.{0,800}?)\b(LOG|DETAIL|STATEMENT|ERROR|CONTEXT|HINT|WARNING|FATAL|NOTICE|QUERY|LOCATION|INFO|DEBUG[1-5]?|PANIC|BACKTRACE): (?=\S)/;

const parts: Readonly<Record<string, 'detail' | 'context' | 'statement' | 'other'>> = {
  DETAIL: 'detail',
  CONTEXT: 'context',
  STATEMENT: 'statement',
  HINT: 'other',
  QUERY: 'other',
  LOCATION: 'other',
  BACKTRACE: 'other',
};

type Part = 'message' | 'detail' | 'context' | 'statement' | 'other';

interface Open {
  readonly line: number;
  readonly prefix: LogPrefix;
  readonly severity: string;
  readonly texts: Record<Part, string[] | null>;
  last: Part;
  characters: number;
  cut: boolean;
  readonly foreign: boolean;
}

/**
 * Reads the log that goes to stderr, with any `log_line_prefix`, through syslog or not. A line that begins with a tab goes
 * on with the message before it. A line that is no part of any message is told as unreadable, and reading goes on.
 */
export function stderrReader(sink: LogSink): LogReader {
  let open: Open | null = null;
  let number = 0;
  let tabs = false;
  const names = new PrefixNames();

  const close = (): void => {
    if (open === null) return;
    sink.entry(entryOf(open));
    if (open.cut) sink.unreadable({ line: open.line, lines: 1, reason: 'The message is too long and was cut' });
    open = null;
  };
  const append = (text: string): void => {
    if (open === null) return;
    open.characters += text.length + 1;
    if (open.characters > mostMessageCharacters) open.cut = true;
    else open.texts[open.last]?.push(text);
  };
  const push = (given: string): void => {
    number += 1;
    const { text: line, pid: syslogPid, atMs: syslogAt, goesOn } = withoutSyslog(given);
    if (line.charCodeAt(0) === 9) {
      tabs = true;
      if (open === null) sink.unreadable({ line: number, lines: 1, reason: 'The message begins before the file does' });
      else append(line.slice(1));
      return;
    }
    if (goesOn && open !== null) {
      const texts: string[] | null = (open as Open).texts[(open as Open).last];
      if (texts !== null) texts[texts.length - 1] = `${texts.at(-1) ?? ''}${line}`;
      return;
    }
    const found = line.includes(':  ') ? headerOf(line, names) : line.includes(': ') ? foldedHeader.exec(line) : null;
    const other = found === null && line.includes(':') ? foreignHeader.exec(line) : null;
    const at = found ?? other;
    if (at === null) {
      // Where somebody took the tabs off, only a plan and what is still indented can be told from other programs' lines.
      const goesOnWithout = open !== null && !tabs && (line.startsWith(' ') || isPlan(open));
      if (goesOnWithout) append(line);
      else if (line.trim() !== '') {
        close();
        sink.unreadable({ line: number, lines: 1, reason: 'No message of PostgreSQL begins here' });
      }
      return;
    }
    const [whole, before = '', word = ''] = at;
    const rest = line.slice(whole.length);
    names.learn(before);
    const severity = severityOf(word);
    if (severity === null) {
      const part = parts[word] ?? 'other';
      // The parts of a message are written at once, behind it.
      if (open === null) sink.unreadable({ line: number, lines: 1, reason: 'The message begins before the file does' });
      else {
        (open as Open).texts[part] ??= [];
        (open as Open).last = part;
        append(rest);
      }
      return;
    }
    close();
    const prefix = readLogPrefix(before);
    open = {
      line: number,
      prefix: { ...prefix, pid: prefix.pid ?? syslogPid, atMs: prefix.atMs ?? syslogAt },
      severity: severity.severity,
      texts: { message: [rest], detail: null, context: null, statement: null, other: null },
      last: 'message',
      characters: rest.length,
      cut: false,
      foreign: severity.foreign,
    };
  };
  return { push, end: close };
}

/**
 * What a prefix names: `user=`, `client=`. An application may be called `x LOG:  y`: where a line has several severities, the
 * one counts that stands behind a whole prefix.
 */
class PrefixNames {
  readonly #seen = new Map<string, number>();
  #lines = 0;

  learn(prefix: string): void {
    if (this.#lines >= 500 || !prefix.includes('=')) return;
    this.#lines += 1;
    for (const name of new Set(prefix.match(/\b\w{1,20}=/g))) this.#seen.set(name, (this.#seen.get(name) ?? 0) + 1);
    if (this.#seen.size > 200) this.#seen.clear();
  }

  isWhole(prefix: string): boolean {
    for (const [name, times] of this.#seen) if (times > this.#lines * 0.6 && !prefix.includes(name)) return false;
    return true;
  }
}

function headerOf(line: string, names: PrefixNames): RegExpExecArray | null {
  const first = header.exec(line);
  if (first === null || names.isWhole(first[1] ?? '')) return first;
  let skipped = first[0].length;
  for (let times = 0; times < 5; times += 1) {
    const next = header.exec(line.slice(skipped));
    if (next === null) return first;
    const before = `${line.slice(0, skipped)}${next[1] ?? ''}`;
    const whole = line.slice(0, skipped + next[0].length);
    if (names.isWhole(before)) return Object.assign(next, { 0: whole, 1: before });
    skipped += next[0].length;
  }
  return first;
}

/** stderr alone puts the place in the statement behind a message. */
function withoutPosition(message: string): string {
  return message.replace(/ at character \d+$/, '');
}

/** `duration: 12.3 ms  plan:`, with nothing behind it: what it is about stands in the next lines. */
function isPlan({ last, texts }: Open): boolean {
  return last === 'message' && /ms {1,2}plan:\s*$/.test(texts.message?.[0] ?? '');
}

function entryOf({ line, prefix, severity, texts, foreign }: Open): LogEntry {
  const join = (lines: string[] | null) =>
    lines === null ? null : lines.length === 1 ? (lines[0] ?? '') : lines.join('\n');
  return {
    line,
    ...prefix,
    severity,
    message: severity === 'LOG' ? (join(texts.message) ?? '') : withoutPosition(join(texts.message) ?? ''),
    detail: join(texts.detail),
    context: join(texts.context),
    statement: join(texts.statement),
    foreign,
  };
}
