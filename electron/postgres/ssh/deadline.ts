/** A time limit that starts anew with each step, and stands still while somebody else is asked. */
export class Deadline implements Disposable {
  readonly #limitMs: number;
  readonly #onExpired: () => void;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(limitMs: number, onExpired: () => void) {
    this.#limitMs = limitMs;
    this.#onExpired = onExpired;
    this.restart();
  }

  restart(): void {
    this.pause();
    if (!this.#over) this.#timer = setTimeout(this.#onExpired, this.#limitMs);
  }

  pause(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.pause();
  }
}
