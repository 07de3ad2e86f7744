import { type ImportCandidate, environmentColors, importCandidateSchema } from '#contract/connections.ts';

import { guessEnvironment } from './guess-environment.ts';

/** The fields of a connection that was found. */
export type ImportDraft = ImportCandidate['draft'];

/** A connection that was found, before anybody looked whether it is saved already. */
export type FoundConnection = Omit<ImportCandidate, 'existing'>;

/** What a reader finds: connections, and in words what it left out. */
export interface FoundConnections {
  readonly candidates: readonly FoundConnection[];
  readonly warnings: readonly string[];
}

/** What a reader knows of a connection; the rest follows libpq's defaults. */
export type FoundFields = { readonly [Key in keyof ImportDraft]?: ImportDraft[Key] | undefined };

const draftSchema = importCandidateSchema.shape.draft;
const mostCandidates = 2000;
const mostWarnings = 100;

/** Gathers what a reader finds. A connection that cannot be saved becomes a warning, so that the others still can. */
export class Finds {
  readonly #candidates: FoundConnection[] = [];
  readonly #warnings: string[] = [];
  readonly #seen = new Set<string>();
  #leftOut = 0;

  /** Says something about the source as a whole. */
  warn(words: string): void {
    if (this.#warnings.length < mostWarnings) this.#warnings.push(words);
    else this.#leftOut += 1;
  }

  /** Adds a connection. The same one from the same source is added once. */
  add(fields: FoundFields, origin: string, warnings: readonly string[] = []): void {
    const draft = draftSchema.safeParse(completed(fields));
    const place = cut(origin, 200);
    if (!draft.success) {
      const issue = draft.error.issues[0];
      this.warn(`${place} is left out: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it does not fit'}`);
      return;
    }
    const control = [draft.data.host, draft.data.database, draft.data.user, draft.data.name].some(hasControlCharacter);
    if (control) {
      this.warn(`${place} is left out: there are control characters in its names`);
      return;
    }
    const key = JSON.stringify(draft.data);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if (this.#candidates.length >= mostCandidates) {
      this.#leftOut += 1;
      return;
    }
    this.#candidates.push({ draft: draft.data, origin: place, warnings: warnings.map((words) => cut(words, 400)) });
  }

  get result(): FoundConnections {
    const more = this.#leftOut > 0 ? [`${this.#leftOut} more were found and left out`] : [];
    return { candidates: this.#candidates, warnings: [...this.#warnings.map((words) => cut(words, 400)), ...more] };
  }
}

/** libpq's defaults for what is not said; and a production connection is guarded and red until somebody decides otherwise. */
function completed(fields: FoundFields): Record<string, unknown> {
  const host = fields.host || 'localhost';
  const database = fields.database || fields.user || 'postgres';
  const environment =
    fields.environment ?? guessEnvironment(`${fields.name ?? ''} ${fields.folder ?? ''} ${host} ${database}`, host);
  const named = fields.name?.trim() || `${database} on ${shortHost(host)}`;
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return {
    port: 5432,
    sslMode: 'prefer',
    color: environmentColors[environment],
    readOnly: environment === 'production',
    ...Object.fromEntries(given),
    host,
    database,
    environment,
    name: cut(named, 120),
  };
}

function shortHost(host: string): string {
  if (host.startsWith('/') || host.includes(':') || /^[\d.]+$/.test(host)) return host;
  return host.split('.')[0] || host;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
}

function hasControlCharacter(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(text);
}
