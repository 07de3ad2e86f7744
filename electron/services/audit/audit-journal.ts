import { closeSync, fdatasync, fstatSync, ftruncateSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import type { AuditEntry } from '#contract/audit.ts';
import { z } from '#contract/zod.ts';

import { writeAtomically } from '../../postgres/write-atomically.ts';
import {
  ChainCheck,
  type JournalFlaw,
  type JournalLine,
  beginning,
  journalLine,
  readJournalLine,
} from './journal-line.ts';

const sync = promisify(fdatasync);
const markSchema = z.object({ offset: z.number().int().min(0), hash: z.string().regex(/^[0-9a-f]{64}$/) });
type Mark = z.output<typeof markSchema>;

const chunkBytes = 256 * 1024;
/** No line of ours is longer: what is, is read as damage instead of into memory. */
const longestLineBytes = 4 * 1024 * 1024;

/** A line with its place. Without `line` it is damaged. */
export interface PlacedLine {
  readonly offset: number;
  /** Behind its line break. */
  readonly end: number;
  /** It has a line break. */
  readonly whole: boolean;
  readonly line: JournalLine | undefined;
}

/**
 * What Steward did, on this machine, before anything else is told of it: a file of JSON lines that is only appended
 * to, one writer a file. How much of it is in the store is in a small file beside it, `.merged`.
 */
export class AuditJournal {
  readonly file: string;
  #descriptor: number | undefined;
  #last = beginning;
  #size = 0;
  /** Written and perhaps not on the disk yet. */
  #unsynced = false;
  /** The file ends in the middle of a line. */
  #broken = false;
  #mark: Mark = { offset: 0, hash: beginning };
  #mergedAtLoad: Mark = { offset: 0, hash: beginning };
  #pending = 0;
  #loaded = false;

  constructor(file: string) {
    this.file = file;
  }

  /** Lines that are not known to be in the store. */
  get pending(): number {
    return this.#pending;
  }

  get sizeBytes(): number {
    return this.#size;
  }

  /**
   * Finds where the journal ends and how much of it is merged, and answers what is wrong with the rest of it.
   * A half line at its end stays, with a line break behind it.
   */
  async load(): Promise<readonly JournalFlaw[]> {
    this.#size = (await stat(this.file).catch(() => undefined))?.size ?? 0;
    const mark = await readMark(this.file);
    const flaws: JournalFlaw[] = [];
    this.#last = mark?.hash ?? beginning;
    if (mark && mark.offset <= this.#size && (await endsALine(this.file, mark.offset))) this.#mark = mark;
    // Merging all of it again does no harm: the store knows each entry by its id.
    else if (mark) flaws.push({ kind: 'cut', offset: mark.offset });
    this.#mergedAtLoad = this.#mark;
    const check = new ChainCheck(this.#mark.offset === 0 ? undefined : this.#mark.hash);
    let end = this.#mark.offset;
    for await (const placed of journalLines(this.file, this.#mark.offset, true)) {
      const flaw = check.next(placed.line, placed.offset);
      if (flaw) flaws.push(flaw);
      if (placed.whole) end = placed.end;
      this.#pending += 1;
    }
    this.#loaded = true;
    this.#last = check.last ?? this.#last;
    this.#broken = end < this.#size;
    try {
      this.#mend();
    } catch {
      // The disk is full, say: tried again before the next line.
    }
    return flaws;
  }

  /** Appends an entry in one write, at once. Throws when the file cannot be written; the entry is not in it then. */
  append(entry: AuditEntry): void {
    if (!this.#loaded) throw new Error('the journal could not be read');
    this.#mend();
    const { text, hash } = journalLine(this.#last, entry);
    this.#write(Buffer.from(text));
    this.#last = hash;
    this.#pending += 1;
  }

  /** Waits until everything that was appended is on the disk. */
  async sync(): Promise<void> {
    if (!this.#unsynced || this.#descriptor === undefined) return;
    this.#unsynced = false;
    await sync(this.#descriptor);
  }

  /** The next lines that are not merged, of at most these many. */
  async unmerged(limit: number): Promise<PlacedLine[]> {
    const lines: PlacedLine[] = [];
    if (!this.#loaded) return lines;
    for await (const line of journalLines(this.file, this.#mark.offset, false)) {
      lines.push(line);
      if (lines.length === limit) break;
    }
    return lines;
  }

  /** Notes that everything up to the last of these lines needs no merging any more. */
  async advance(lines: readonly PlacedLine[]): Promise<void> {
    const last = lines.at(-1);
    if (!last) return;
    const hash = lines.findLast(({ line }) => line)?.line?.hash ?? this.#mark.hash;
    this.#mark = { offset: last.end, hash };
    this.#pending = Math.max(0, this.#pending - lines.length);
    await writeMark(this.file, this.#mark);
  }

  /** Reads what was merged before `load`, and answers what was changed in it since. Damage there was told of then. */
  async verify(): Promise<readonly JournalFlaw[]> {
    const { offset, hash } = this.#mergedAtLoad;
    const flaws: JournalFlaw[] = [];
    const check = new ChainCheck();
    for await (const placed of journalLines(this.file, 0, false)) {
      if (placed.end > offset) break;
      const flaw = check.next(placed.line, placed.offset);
      if (flaw && flaw.kind !== 'damaged') flaws.push(flaw);
      if (placed.end === offset && check.last !== undefined && check.last !== hash) flaws.push({ kind: 'cut', offset });
    }
    return flaws;
  }

  /** Begins a new file when this one is merged to its end. The old one is kept under another name; the chain goes on. */
  async rotate(name: string): Promise<void> {
    if (this.#mark.offset !== this.#size || this.#size === 0) return;
    // First the mark: should the machine stop between the two, everything is merged once more.
    const mark = { offset: 0, hash: this.#last };
    await writeMark(this.file, mark);
    // An entry that came meanwhile lies behind the mark.
    if (this.#mark.offset !== this.#size) return writeMark(this.file, this.#mark);
    renameSync(this.file, path.join(path.dirname(this.file), name));
    this.close();
    this.#mark = mark;
    this.#size = 0;
  }

  /** Removes the file of a writer that is done, when all of it is merged. */
  async removeIfMerged(): Promise<void> {
    if (this.#mark.offset !== this.#size || this.#pending > 0) return;
    this.close();
    await removeJournal(this.file);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** A half line gets its end, so that the next one is whole. */
  #mend(): void {
    if (!this.#broken) return;
    this.#write(Buffer.from('\n'));
    this.#broken = false;
  }

  #write(bytes: Buffer): void {
    this.#descriptor ??= this.#open();
    let written = 0;
    try {
      written = writeSync(this.#descriptor, bytes);
      if (written < bytes.length) throw Object.assign(new Error('no space left on device, write'), { code: 'ENOSPC' });
    } catch (error) {
      this.#takeBack(written);
      throw error;
    }
    this.#size += written;
    this.#unsynced = true;
  }

  /** What was written of a line that did not fit is our own, just now, and nobody has read it. */
  #takeBack(written: number): void {
    if (written === 0 || this.#descriptor === undefined) return;
    try {
      ftruncateSync(this.#descriptor, this.#size);
    } catch {
      this.#size += written;
      this.#broken = true;
    }
  }

  #open(): number {
    mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o711 });
    const descriptor = openSync(this.file, 'a', 0o600);
    this.#size = fstatSync(descriptor).size;
    return descriptor;
  }
}

/** The whole lines of a journal from a byte on; with `toTheEnd` also what follows the last line break. */
export async function* journalLines(file: string, from: number, toTheEnd: boolean): AsyncGenerator<PlacedLine> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    let offset = from;
    let read = from;
    let rest = Buffer.alloc(0);
    const chunk = Buffer.alloc(chunkBytes);
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunkBytes, read);
      if (bytesRead === 0) break;
      read += bytesRead;
      let bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a)) {
        const line = readJournalLine(bytes.toString('utf8', 0, end));
        yield { offset, end: offset + end + 1, whole: true, line };
        offset += end + 1;
        bytes = bytes.subarray(end + 1);
      }
      if (bytes.length > longestLineBytes) {
        yield { offset, end: offset + bytes.length, whole: false, line: undefined };
        offset += bytes.length;
        bytes = bytes.subarray(bytes.length);
      }
      rest = bytes;
    }
    if (toTheEnd && rest.length > 0)
      yield { offset, end: offset + rest.length, whole: false, line: readJournalLine(rest.toString('utf8')) };
  } finally {
    await handle.close();
  }
}

/** Removes a journal that is merged to its end, with its mark. */
export async function removeJournal(file: string): Promise<void> {
  await rm(file, { force: true });
  await rm(markFile(file), { force: true });
}

/** How many bytes of a journal are in the store, by the file beside it. */
export async function mergedBytes(file: string): Promise<number> {
  return (await readMark(file))?.offset ?? 0;
}

async function readMark(file: string): Promise<Mark | undefined> {
  const text = await readFile(markFile(file), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return markSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function writeMark(file: string, mark: Mark): Promise<void> {
  await writeAtomically(markFile(file), JSON.stringify(mark));
}

function markFile(file: string): string {
  return file.replace(/\.jsonl$/, '.merged');
}

async function endsALine(file: string, offset: number): Promise<boolean> {
  if (offset === 0) return true;
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, offset - 1);
    return bytesRead === 1 && buffer[0] === 0x0a;
  } finally {
    await handle.close();
  }
}
