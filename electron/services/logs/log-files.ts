import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { StewardError, toFailure } from '../../postgres/failure.ts';
import { oneOfEach } from './one-of-each.ts';
import { packedFormat } from './packed-format.ts';

export interface LogFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
}

const mostFiles = 60;
const mostLooked = 10_000;
const mostFolderBytes = 16 * 1024 ** 3;
const looksLikeLog =
  /\.(?:log|csv|json|txt|out|err)(?:[.-]?\d[\w.-]*)?(?:\.gz)?$|^postgres.*\.gz$|^(?:postgres|syslog|messages)[\w.-]*$/i;

export interface FoundLogs {
  /** Oldest first. */
  readonly files: LogFile[];
  /** How many more a folder has: it would be too much to read. */
  readonly leftOut: number;
}

/**
 * The files of a path, oldest first: itself, or the newest logs of a folder. Where the server writes the same log in
 * several formats (`log_destination`), only the one that tells most. Throws `bad_input` where there is none.
 */
export async function findLogs(given: string): Promise<FoundLogs> {
  const target = path.resolve(given);
  const found = await stat(target).catch((error: unknown) => {
    throw StewardError.of('bad_input', `${target} cannot be read: ${toFailure(error).message}`, {
      hint: 'Give a file or folder on the machine that Steward runs on, which its user may read.',
    });
  });
  if (found.isFile()) return { files: [{ path: target, name: path.basename(target), bytes: found.size }], leftOut: 0 };
  if (!found.isDirectory()) throw StewardError.of('bad_input', `${target} is neither a file nor a folder`);
  const names = (await readdir(target)).filter((name) => looksLikeLog.test(name));
  const files: (LogFile & { readonly changedMs: number })[] = [];
  for (const name of names.slice(0, mostLooked)) {
    const one = await stat(path.join(target, name)).catch(() => null);
    if (one?.isFile() && one.size > 0)
      files.push({ path: path.join(target, name), name, bytes: one.size, changedMs: one.mtimeMs });
  }
  if (files.length === 0)
    throw StewardError.of('bad_input', `There is no log in ${target}`, {
      hint: 'Logs end in .log, .csv or .json, with or without .gz.',
    });
  let room = mostFolderBytes;
  const logs = oneOfEach(files);
  const newest = logs
    .toSorted((a, b) => b.changedMs - a.changedMs)
    .slice(0, mostFiles)
    .filter(({ bytes }, index) => (room -= bytes) >= 0 || index === 0)
    .toSorted((a, b) => a.changedMs - b.changedMs)
    .map(({ path: file, name, bytes }) => ({ path: file, name, bytes }));
  return { files: newest, leftOut: logs.length - newest.length + Math.max(0, names.length - mostLooked) };
}

const chunkBytes = 512 * 1024;
/** A line that is longer is cut: nothing of PostgreSQL writes such a line. */
const mostLine = 8 * 1024 * 1024;
/** A gz that unpacks to more than this, and to more than this many times its size, is no log. */
const bombBytes = 4 * 1024 ** 3;
const bombRatio = 200;

export interface ReadLines {
  /** What went wrong while reading; what was read until then counts. */
  readonly problem: string | null;
}

/**
 * Reads a file, gz or not, in chunks, and hands over its lines. Memory is bounded whatever the file is. Never throws but
 * for the signal's reason.
 */
export async function readLines(
  file: Pick<LogFile, 'path' | 'bytes'>,
  onLines: (lines: string[]) => void,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<ReadLines> {
  let source: Readable | null = null;
  try {
    const head = await headOf(file.path);
    const raw = createReadStream(file.path, { highWaterMark: chunkBytes, signal });
    let read = 0;
    raw.on('data', (chunk) => {
      read += chunk.length;
      onBytes(chunk.length);
    });
    const unread = packedFormat(head);
    if (unread !== null)
      return { problem: `It is packed with ${unread}: unpack it first. Of packed files only gz is read` };
    const packed = head[0] === 0x1f && head[1] === 0x8b;
    if (packed) {
      const unpack = createGunzip({ chunkSize: chunkBytes });
      raw.on('error', (error) => unpack.destroy(error));
      source = raw.pipe(unpack);
    } else source = raw;
    const wide =
      head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : null;
    if (!packed && wide === null && isBinary(head)) return { problem: 'This is no text' };
    const decoder = new TextDecoder(wide ?? 'utf-8');
    let rest = '';
    let skipping = false;
    let unpacked = 0;
    let first = true;
    for await (const chunk of source) {
      signal.throwIfAborted();
      const bytes = chunk as Buffer;
      unpacked += bytes.length;
      if (packed && first && isBinary(bytes.subarray(0, 4096))) return { problem: 'This is no text' };
      first = false;
      if (packed && unpacked > bombBytes && unpacked > Math.max(1, file.bytes) * bombRatio)
        return { problem: `It unpacks to more than ${bombRatio} times its size: the rest was not read` };
      const text = rest + decoder.decode(bytes, { stream: true });
      const end = text.lastIndexOf('\n');
      if (end === -1) {
        rest = text;
        if (rest.length > mostLine) {
          // The beginning is handed over once, and the rest of the line is not kept.
          if (!skipping) onLines([rest.slice(0, mostLine)]);
          skipping = true;
          rest = '';
        }
        continue;
      }
      const lines = text.slice(0, end).split('\n');
      rest = text.slice(end + 1);
      if (skipping) lines.shift();
      skipping = false;
      onLines(trimmed(lines));
    }
    rest += decoder.decode();
    if (rest !== '' && !skipping) onLines(trimmed([rest]));
    return { problem: null };
  } catch (error) {
    signal.throwIfAborted();
    const code = (error as NodeJS.ErrnoException).code;
    return {
      problem:
        code === 'Z_BUF_ERROR'
          ? 'The gz file is cut off: what was in it until there was read'
          : `Not read to its end: ${toFailure(error).message}`,
    };
  } finally {
    source?.destroy();
  }
}

/** A crash may leave a run of zeros in a log; a third of zeros is no log. */
function isBinary(head: Uint8Array): boolean {
  let zeros = 0;
  for (const byte of head) if (byte === 0) zeros += 1;
  return zeros > head.length * 0.3;
}

/** Windows ends lines with a carriage return, too. */
function trimmed(lines: string[]): string[] {
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line.charCodeAt(line.length - 1) === 13) lines[index] = line.slice(0, -1);
  }
  return lines;
}

async function headOf(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
