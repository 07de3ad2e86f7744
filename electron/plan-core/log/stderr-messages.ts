import type { LogEntry, LogSink } from './log-entry.ts';
import { mostMessageCharacters } from './log-entry.ts';
import type { LogPrefix } from './log-prefix.ts';
import { readLogPrefix } from './log-prefix.ts';
import { type MessageHeader, MessageHeaders } from './message-header.ts';
import { severityOf } from './severities.ts';

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
  /** As it is written. */
  readonly before: string;
  readonly prefix: LogPrefix;
  readonly severity: string;
  readonly texts: Record<Part, string[] | null>;
  last: Part;
  characters: number;
  cut: boolean;
  readonly foreign: boolean;
}

/** A line of PostgreSQL, without what others put before it. */
export interface StderrLine {
  readonly text: string;
  /** 1-based line of the file. */
  readonly number: number;
  /** Known from what stood before the line; null where that does not tell. */
  readonly pid: number | null;
  readonly atMs: number | null;
  /** `piece`: of the message before, by the count of syslog. `rest`: of the line before, which a collector cut. */
  readonly kind: 'line' | 'piece' | 'rest';
}

/** Puts the lines of stderr together to messages. A line that is no part of any message is told as unreadable. */
export class StderrMessages {
  readonly #sink: LogSink;
  readonly #headers = new MessageHeaders();
  readonly #states = new MessageStates();
  #open: Open | null = null;
  #hasTabs = false;

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  take(line: StderrLine): void {
    const { text, number, kind } = line;
    if (kind === 'rest' && this.#open !== null) return this.#addToLastLine(text);
    if (text.charCodeAt(0) === 9) {
      this.#hasTabs = true;
      if (this.#open === null) this.#unreadable(number, 'The message begins before the file does');
      else this.#append(text.slice(1));
      return;
    }
    const header = this.#headers.in(text);
    if (kind === 'piece' && this.#open !== null && !(header !== null && isPartOf(this.#open, header)))
      return this.#addToLastLine(text);
    if (header === null) return this.#takeWithoutHeader(text, number);
    this.#headers.learn(header.prefix);
    const rest = text.slice(header.characters);
    const severity = severityOf(header.word);
    if (severity !== null) return this.#begin(line, header, rest, severity);
    // The parts of a message are written at once, behind it.
    if (this.#open === null) this.#unreadable(number, 'The message begins before the file does');
    else {
      this.#open.last = parts[header.word] ?? 'other';
      this.#open.texts[this.#open.last] ??= [];
      this.#append(rest);
    }
  }

  /** The message is complete: what follows belongs to another one. */
  close(): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    this.#sink.entry(entryOf(open));
    if (open.cut) this.#unreadable(open.line, 'The message is too long and was cut');
  }

  #begin(
    line: StderrLine,
    header: MessageHeader,
    rest: string,
    { severity, foreign }: { readonly severity: string; readonly foreign: boolean },
  ): void {
    this.close();
    const prefix = readLogPrefix(header.prefix);
    const { sqlstate, message } = this.#states.read(rest);
    this.#open = {
      line: line.number,
      before: header.prefix,
      prefix: {
        ...prefix,
        pid: prefix.pid ?? line.pid,
        atMs: prefix.atMs ?? line.atMs,
        sqlstate: prefix.sqlstate ?? sqlstate,
      },
      severity,
      texts: { message: [message], detail: null, context: null, statement: null, other: null },
      last: 'message',
      characters: message.length,
      cut: false,
      foreign,
    };
  }

  #takeWithoutHeader(text: string, number: number): void {
    // Where somebody took the tabs off, only a plan and what is still indented can be told from other programs' lines.
    if (this.#open !== null && !this.#hasTabs && (text.startsWith(' ') || isPlan(this.#open)))
      return this.#append(text);
    if (text.trim() === '') return;
    this.close();
    this.#unreadable(number, 'No message of PostgreSQL begins here');
  }

  #append(text: string): void {
    if (this.#hasRoom(text.length + 1)) this.#open?.texts[this.#open.last]?.push(text);
  }

  #addToLastLine(text: string): void {
    if (!this.#hasRoom(text.length)) return;
    const lines = this.#open?.texts[this.#open.last];
    if (lines) lines[lines.length - 1] = `${lines.at(-1) ?? ''}${text}`;
  }

  #hasRoom(characters: number): boolean {
    if (this.#open === null) return false;
    this.#open.characters += characters;
    if (this.#open.characters > mostMessageCharacters) this.#open.cut = true;
    return !this.#open.cut;
  }

  #unreadable(line: number, reason: string): void {
    this.#sink.unreadable({ line, lines: 1, reason });
  }
}

/** By the classes of https://www.postgresql.org/docs/current/errcodes-appendix.html */
const stateFirst = /^((?:0[012389ABFLPZ]|2[0-8BDF]|3[489BDF]|4[024]|5[34578]|10|72|F0|HV|P0|XX)[0-9A-Z]{3}): /;

/**
 * With `log_error_verbosity = verbose` each message begins with its SQLSTATE. A message of somebody's own may begin like
 * that, too: it is taken for what it seems only where the message before had one.
 */
class MessageStates {
  #areWritten = true;

  read(text: string): { readonly sqlstate: string | null; readonly message: string } {
    const found = stateFirst.exec(text);
    this.#areWritten = found !== null && (this.#areWritten || found[1] === '00000');
    return found !== null && this.#areWritten
      ? { sqlstate: found[1] ?? null, message: text.slice(found[0].length) }
      : { sqlstate: null, message: text };
  }
}

/** Whether a piece of syslog begins a part of the message: a statement may hold such words anywhere. */
function isPartOf(open: Open, { prefix, word }: MessageHeader): boolean {
  // The count of lines (`%l`) differs within a message.
  const look = (text: string) => text.replaceAll(/\d+/g, '0');
  return severityOf(word) === null && look(prefix) === look(open.before);
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
