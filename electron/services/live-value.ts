/** A value that can be watched: a reader gets it now and after every change, never more than one behind. */
export class LiveValue<Value> {
  #value: Value;
  #waiting = new Set<() => void>();
  #version = 0;

  constructor(value: Value) {
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  set(value: Value): void {
    this.#value = value;
    this.#version += 1;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /**
   * Emits the value now and after every change until `signal` aborts. A slow reader skips what came between.
   * `minimumMs` keeps that long between two emissions.
   */
  async *watch(signal: AbortSignal | undefined, minimumMs = 0): AsyncGenerator<Value> {
    let seen = -1;
    while (!signal?.aborted) {
      if (seen === this.#version) {
        await this.#changed(signal);
        if (minimumMs > 0) await pause(minimumMs, signal);
        continue;
      }
      seen = this.#version;
      yield this.#value;
    }
  }

  async #changed(signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}

/** Waits, or returns early when the signal aborts. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    if (signal?.aborted) done();
    else signal?.addEventListener('abort', done, { once: true });
  });
}
