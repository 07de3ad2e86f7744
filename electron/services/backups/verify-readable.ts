import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { StewardError } from '../../postgres/failure.ts';
import type { Manifest } from './manifest.ts';

/** The files of a backup, with their checksums: one file, or those of a directory. */
export async function checksumFiles(
  target: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Manifest['files']> {
  const found = await stat(target);
  const files = found.isDirectory()
    ? (await readdir(target)).toSorted().map((name) => path.join(target, name))
    : [target];
  const sums: Manifest['files'] = [];
  let bytes = 0;
  for (const file of files) {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const chunk of createReadStream(file, { signal, highWaterMark: 1024 * 1024 })) {
      hash.update(chunk as Buffer);
      sizeBytes += (chunk as Buffer).length;
      onBytes((bytes += (chunk as Buffer).length));
    }
    sums.push({ name: path.relative(path.dirname(target), file), sizeBytes, sha256: hash.digest('hex') });
  }
  return sums;
}

/** pg_dump ends a plain dump with this comment: without it the file is cut short. */
export async function requirePlainEnd(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, 512));
    await handle.read(buffer, 0, buffer.length, size - buffer.length);
    if (buffer.toString('latin1').includes('PostgreSQL database dump complete')) return;
    throw StewardError.of('tool_failed', 'The dump does not end as pg_dump ends it: it is cut short', {
      retryable: true,
    });
  } finally {
    await handle.close();
  }
}
