import { createHash } from 'node:crypto';

import { type AuditEntry, auditEntrySchema } from '#contract/audit.ts';

/** What the first line of a journal follows. */
export const beginning = '0'.repeat(64);

const shape = /^\{"previous":"([0-9a-f]{64})","hash":"([0-9a-f]{64})","entry":(\{.*\})\}$/;

/** A line as it stands in the file. */
export interface JournalLine {
  readonly previous: string;
  readonly hash: string;
  /** False when its text is not the one that its hash was made of. */
  readonly intact: boolean;
  readonly entry: AuditEntry;
}

/**
 * The line of an entry, with its line break. Its hash is SHA-256 over the hash of the line before it and the entry's
 * own text, so that a line that was changed, removed or put in between does not fit any more. Pure.
 */
export function journalLine(previous: string, entry: AuditEntry): { readonly text: string; readonly hash: string } {
  const body = JSON.stringify(entry);
  const hash = hashOf(previous, body);
  return { text: `{"previous":"${previous}","hash":"${hash}","entry":${body}}\n`, hash };
}

/** Reads a line without its line break; undefined for what is no whole line of a journal. Pure. */
export function readJournalLine(text: string): JournalLine | undefined {
  const [, previous, hash, body] = shape.exec(text) ?? [];
  if (previous === undefined || hash === undefined || body === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const { data: entry } = auditEntrySchema.safeParse(value);
  return entry && { previous, hash, intact: hashOf(previous, body) === hash, entry };
}

/** What is wrong with a journal, and at which byte. */
export interface JournalFlaw {
  /**
   * `damaged`: no whole line, as a crash in the middle of a write leaves it. `changed`: its text is another one.
   * `missing`: it does not follow the line before it. `cut`: the part that was merged is not there as it was.
   */
  readonly kind: 'damaged' | 'changed' | 'missing' | 'cut';
  readonly offset: number;
}

/** Follows the chain over lines in their order, and answers what is wrong with each. Start with `beginning` or undefined. */
export class ChainCheck {
  /** The hash of the last whole line. */
  last: string | undefined;

  constructor(last?: string) {
    this.last = last;
  }

  next(line: JournalLine | undefined, offset: number): JournalFlaw | undefined {
    if (!line) return { kind: 'damaged', offset };
    const follows = this.last === undefined || line.previous === this.last;
    this.last = line.hash;
    if (!line.intact) return { kind: 'changed', offset };
    return follows ? undefined : { kind: 'missing', offset };
  }
}

function hashOf(previous: string, body: string): string {
  return createHash('sha256').update(previous).update(body).digest('hex');
}
