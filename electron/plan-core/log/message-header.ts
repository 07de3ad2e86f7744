import { foreignHeader } from './severities.ts';

const words =
  'LOG|DETAIL|STATEMENT|ERROR|CONTEXT|HINT|WARNING|FATAL|NOTICE|QUERY|LOCATION|INFO|DEBUG[1-5]?|PANIC|BACKTRACE';
const header = new RegExp(String.raw`^(.{0,800}?)\b(${words}):  `);
/** Some collectors fold spaces into one; then there has to be a time before it. */
const foldedHeader = new RegExp(String.raw`^(.{0,800}?\d\d:\d\d:\d\d.{0,800}?)\b(${words}): (?=\S)`);

/** What stands before the text of a message, or of a part of one. */
export interface MessageHeader {
  /** By `log_line_prefix`. */
  readonly prefix: string;
  /** A severity, or the name of a part, in whatever language. */
  readonly word: string;
  /** All of it: the text begins behind. */
  readonly characters: number;
}

/** Finds the headers of a log's lines, and learns from them what its prefix names. */
export class MessageHeaders {
  readonly #names = new PrefixNames();

  /** Null for a line that has none. */
  in(line: string): MessageHeader | null {
    const found = line.includes(':  ')
      ? headerOf(line, this.#names)
      : line.includes(': ')
        ? foldedHeader.exec(line)
        : null;
    const any = found ?? (line.includes(':') ? foreignHeader.exec(line) : null);
    if (any === null) return null;
    const [whole, prefix = '', word = ''] = any;
    return { prefix, word, characters: whole.length };
  }

  learn(prefix: string): void {
    this.#names.learn(prefix);
  }
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
