import { own } from './own-text.ts';

/** Counts names, a bounded number of them: when there are too many, those that were seen least are forgotten. */
export class Tally {
  readonly #counts = new Map<string, number>();
  readonly #most: number;
  readonly #longest: number;

  /** Of longer names the beginning is counted. */
  constructor(most: number, longest = 200) {
    this.#most = most;
    this.#longest = longest;
  }

  add(name: string | null, by = 1): void {
    if (name === null) return;
    const key = name.slice(0, this.#longest);
    const known = this.#counts.get(key);
    if (known !== undefined) {
      this.#counts.set(key, known + by);
      return;
    }
    this.#counts.set(own(key), by);
    if (this.#counts.size <= this.#most * 4) return;
    const kept = this.entries().slice(0, this.#most);
    this.#counts.clear();
    for (const [key, count] of kept) this.#counts.set(key, count);
  }

  /** The most frequent first. */
  entries(): (readonly [string, number])[] {
    return [...this.#counts].toSorted((a, b) => b[1] - a[1]);
  }

  names(most: number): string[] {
    return this.entries()
      .slice(0, most)
      .map(([name]) => name);
  }
}
