import { mostMessageCharacters } from './log-entry.ts';

/** Docker cuts lines at 16 KB: no fewer characters, since none takes more than four bytes. */
const leastCutCharacters = 4096;

interface Pending {
  readonly number: number;
  text: string;
}

/**
 * Lines in the `log` of objects: https://docs.docker.com/engine/logging/drivers/json-file/ Docker keeps the end of a line,
 * and an object without one goes on in the next one of its stream. Other collectors take all line ends off.
 */
export class DockerLines {
  readonly #onLine: (text: string, number: number) => void;
  readonly #pending = new Map<string, Pending>();
  /** Null as long as only long lines were seen. */
  #keepsLineEnds: boolean | null = null;

  /** `onLine` is given the line of the file that its object, or the first of its objects, stands on. */
  constructor(onLine: (text: string, number: number) => void) {
    this.#onLine = onLine;
  }

  push(log: string, stream: unknown, number: number): void {
    const of = stream === 'stdout' ? 'stdout' : 'stderr';
    const pending = this.#pending.get(of) ?? { number, text: '' };
    pending.text += log;
    const ends = log.endsWith('\n');
    if (ends) this.#keepsLineEnds = true;
    else if (log.length < leastCutCharacters) this.#keepsLineEnds ??= false;
    if (!ends && this.#keepsLineEnds !== false && pending.text.length <= mostMessageCharacters) {
      this.#pending.set(of, pending);
      return;
    }
    this.#pending.delete(of);
    this.#tell(pending);
  }

  /** No more objects follow. */
  end(): void {
    for (const pending of this.#pending.values()) this.#tell(pending);
    this.#pending.clear();
  }

  #tell({ text, number }: Pending): void {
    for (const line of text.replace(/\n$/, '').split('\n')) this.#onLine(line, number);
  }
}
