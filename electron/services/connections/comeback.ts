import { pause } from '../live-value.ts';

/** Pauses between attempts, ms: in the first minutes the network's return is noticed within two seconds. */
const firstPauseMs = 250;
const steadyPauseMs = 500;
const patientPauseMs = 15_000;
const patientAfterMs = 10 * 60_000;

/** Of so many attempts one has the whole connect timeout; the others give up early, so that none is waiting in the dark. */
const patientAttempt = 5;

/** A gap of the clock that only a sleeping machine explains, ms. */
const sleepGapMs = 10_000;
const tickMs = 2000;

export interface ComebackOptions {
  /** Opens the connection anew; rejects while that does not work. A brief attempt gives up early. */
  readonly retry: (id: string, brief: boolean) => Promise<unknown>;
  /** The connections that are lost now: trying ends with the first that is not among them. */
  readonly lost: () => readonly string[];
  /** Asks everything that is open for a sign of life. */
  readonly check: () => Promise<void>;
}

/**
 * Brings lost connections back: at once, then with growing pauses, and again at once when the machine wakes. The load
 * on a server that is away stays small and bounded: one attempt at a time for each connection.
 */
export class Comeback implements Disposable {
  readonly #options: ComebackOptions;
  readonly #running = new Map<string, { readonly controller: AbortController; hurry: AbortController }>();
  readonly #clock: NodeJS.Timeout;
  #lastTick = Date.now();

  constructor(options: ComebackOptions) {
    this.#options = options;
    this.#clock = setInterval(() => this.#tick(), tickMs);
    this.#clock.unref();
  }

  start(id: string): void {
    if (this.#running.has(id)) return;
    const state = { controller: new AbortController(), hurry: new AbortController() };
    this.#running.set(id, state);
    void this.#run(id, state).finally(() => {
      if (this.#running.get(id) === state) this.#running.delete(id);
    });
  }

  stop(id: string): void {
    const state = this.#running.get(id);
    this.#running.delete(id);
    state?.controller.abort();
    state?.hurry.abort();
  }

  wake(): void {
    for (const state of this.#running.values()) state.hurry.abort();
    void this.#options.check();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#clock);
    for (const id of this.#running.keys()) this.stop(id);
  }

  #tick(): void {
    const now = Date.now();
    if (now - this.#lastTick > sleepGapMs) this.wake();
    this.#lastTick = now;
  }

  async #run(id: string, state: { readonly controller: AbortController; hurry: AbortController }): Promise<void> {
    const started = Date.now();
    for (let attempt = 0; !state.controller.signal.aborted && this.#options.lost().includes(id); attempt += 1) {
      try {
        await this.#options.retry(id, attempt % patientAttempt !== patientAttempt - 1);
        return;
      } catch {
        const steady = Date.now() - started > patientAfterMs ? patientPauseMs : steadyPauseMs;
        state.hurry = new AbortController();
        await pause(attempt === 0 ? firstPauseMs : steady, state.hurry.signal);
      }
    }
  }
}
