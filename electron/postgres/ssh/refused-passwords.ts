/** Long enough that a loop of retries locks no account, short enough for a server that was set right meanwhile. */
const silenceMs = 60_000;

/** Passwords that SSH servers have refused. Each is sent once a minute at most; another one is sent at once. */
export class RefusedPasswords {
  readonly #byHop = new Map<string, { readonly password: string; readonly at: number }>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  add(hopName: string, password: string): void {
    this.#byHop.set(hopName, { password, at: this.#now() });
  }

  has(hopName: string, password: string): boolean {
    const refused = this.#byHop.get(hopName);
    return refused?.password === password && this.#now() - refused.at < silenceMs;
  }
}
