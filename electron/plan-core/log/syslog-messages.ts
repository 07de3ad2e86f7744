import { mostMessageCharacters } from './log-entry.ts';
import type { StderrLine } from './stderr-messages.ts';

interface Held {
  readonly sequence: number;
  readonly lines: StderrLine[];
}

/** Messages of so many processes are put together at the same time. */
const mostHeld = 64;

/**
 * Syslog mixes the lines of processes that write at the same time. Here they are held by process until the message is
 * whole: when its process begins the next one, or when too much is held.
 */
export class SyslogMessages {
  readonly #onMessage: (lines: readonly StderrLine[]) => void;
  readonly #held = new Map<number | null, Held>();
  #characters = 0;

  constructor(onMessage: (lines: readonly StderrLine[]) => void) {
    this.#onMessage = onMessage;
  }

  /** A line that belongs to the message `sequence` of its process. */
  push(line: StderrLine, sequence: number): void {
    let held = this.#held.get(line.pid);
    if (held !== undefined && (held.sequence !== sequence || line.kind === 'line')) {
      this.#release(line.pid, held);
      held = undefined;
    }
    if (held === undefined) {
      held = { sequence, lines: [] };
      this.#held.set(line.pid, held);
    }
    held.lines.push(line);
    this.#characters += line.text.length;
    while (this.#held.size > mostHeld || this.#characters > mostMessageCharacters) this.#releaseOldest();
  }

  /** No more lines follow. */
  end(): void {
    while (this.#held.size > 0) this.#releaseOldest();
  }

  #releaseOldest(): void {
    for (const [pid, held] of this.#held) return this.#release(pid, held);
  }

  #release(pid: number | null, { lines }: Held): void {
    this.#held.delete(pid);
    for (const { text } of lines) this.#characters -= text.length;
    this.#onMessage(lines);
  }
}
