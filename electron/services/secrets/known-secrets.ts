import type { Failure } from '#contract/failure.ts';

const mask = '********';
/** Shorter ones would be found inside of words and numbers everywhere. */
const shortest = 4;
/** Tokens that a command prints every few minutes must not pile up. */
const most = 1000;
/** Passwords that are words of every other message: taking them out would hide what is said, and no secret. */
const ordinaryWords: ReadonlySet<string> = new Set(['postgres', 'postgresql', 'password', 'localhost']);

/**
 * A text without these secrets, however they are written in it: as they are, in a URL, in a connection string, a
 * password file, a SQL literal or JSON. Values shorter than four characters stay, as do a few ordinary words. Pure.
 */
export function redact(text: string, secrets: Iterable<string>): string {
  const pattern = patternOf(secrets);
  return pattern ? text.replace(pattern, mask) : text;
}

/** A failure without these secrets; its codes and its question stay as they are. Pure. */
export function redactFailure(failure: Failure, redactText: (text: string) => string): Failure {
  const { postgres } = failure;
  return {
    ...failure,
    message: redactText(failure.message),
    ...(failure.hint === undefined ? {} : { hint: redactText(failure.hint) }),
    ...(postgres === undefined
      ? {}
      : {
          postgres: {
            ...postgres,
            ...(postgres.detail === undefined ? {} : { detail: redactText(postgres.detail) }),
            ...(postgres.hint === undefined ? {} : { hint: redactText(postgres.hint) }),
            ...(postgres.where === undefined ? {} : { where: redactText(postgres.where) }),
          },
        }),
  };
}

/** The secrets that went through this process, so that what is written to a log can be freed of them. */
export class KnownSecrets {
  /** How often each was added and not forgotten. */
  readonly #values = new Map<string, number>();
  /** Made when it is needed; null when what is known has changed. */
  #pattern: { readonly of: RegExp | undefined } | null = null;

  /** Remembers a secret until Steward quits, or until the returned function is called. */
  add(secret: string): () => void {
    const known = this.#values.get(secret) ?? 0;
    this.#values.set(secret, known + 1);
    if (known === 0) {
      const [oldest] = this.#values.keys();
      if (this.#values.size > most && oldest !== undefined) this.#values.delete(oldest);
      this.#pattern = null;
    }
    return () => this.#forget(secret);
  }

  /** `redact` with everything known. Bound, to be handed on. */
  readonly redact = (text: string): string => {
    this.#pattern ??= { of: patternOf(this.#values.keys()) };
    return this.#pattern.of ? text.replace(this.#pattern.of, mask) : text;
  };

  #forget(secret: string): void {
    const left = (this.#values.get(secret) ?? 1) - 1;
    if (left > 0) this.#values.set(secret, left);
    else this.#values.delete(secret);
    this.#pattern = null;
  }
}

function patternOf(secrets: Iterable<string>): RegExp | undefined {
  const forms = [...secrets]
    .filter((secret) => secret.length >= shortest && !ordinaryWords.has(secret))
    .flatMap(formsOf);
  if (forms.length === 0) return undefined;
  // The longest first: one secret may be the beginning of another.
  const alternatives = [...new Set(forms)].sort((a, b) => b.length - a.length).map(escapePattern);
  return new RegExp(alternatives.join('|'), 'g');
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

/** Every way in which a secret is written where Steward or a tool prints it. */
function formsOf(secret: string): string[] {
  const encoded = encodeURIComponent(secret.toWellFormed());
  const strict = encoded.replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const backslashed = secret.replaceAll('\\', '\\\\');
  return [
    secret,
    encoded,
    strict,
    encoded.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    encoded.replaceAll('%20', '+'),
    // libpq's key = 'value': https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
    backslashed.replaceAll("'", String.raw`\'`),
    // A SQL literal, and one with escapes.
    secret.replaceAll("'", "''"),
    backslashed.replaceAll("'", "''"),
    // A line of a password file: https://www.postgresql.org/docs/current/libpq-pgpass.html
    backslashed.replaceAll(':', String.raw`\:`),
    JSON.stringify(secret).slice(1, -1),
  ];
}
