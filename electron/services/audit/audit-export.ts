import { access, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import type { AuditEntry } from '#contract/audit.ts';

import { StewardError } from '../../postgres/failure.ts';
import type { JobHandle } from '../jobs/index.ts';
import type { ExportText } from './export-text.ts';

/** Entries, newest first, in pages. */
export interface EntryPages {
  readonly total: number;
  readonly source: 'store' | 'journal';
  readonly pages: Iterable<readonly AuditEntry[]> | AsyncIterable<readonly AuditEntry[]>;
}

/**
 * Where an export goes: the path that was given, or a new name in the folder `exports` of the data folder.
 * Throws `bad_input` for a path that is not absolute, `conflict` for one that exists, `input_output` without its folder.
 */
export async function exportPath(dataDirectory: string, ending: string, wanted?: string): Promise<string> {
  if (wanted === undefined) {
    const folder = path.join(dataDirectory, 'exports');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const base = `audit-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}`;
    for (let number = 1; ; number += 1) {
      const target = path.join(folder, `${base}${number === 1 ? '' : `-${number}`}${ending}`);
      if (!(await exists(target)) && !(await exists(partial(target)))) return target;
    }
  }
  if (!path.isAbsolute(wanted) || wanted.includes('\0'))
    throw StewardError.of('bad_input', `${wanted} is no absolute path`, {
      hint: 'Give the whole path of the new file.',
    });
  if (await exists(wanted))
    throw StewardError.of('conflict', `${wanted} exists already`, {
      hint: 'Choose another name: nothing is written over.',
    });
  await access(path.dirname(wanted));
  return path.resolve(wanted);
}

/** Writes entries to a file that only its owner can read. Cancelled or failed it leaves nothing. */
export async function writeExport(
  { total, source, pages }: EntryPages,
  text: ExportText,
  target: string,
  job: JobHandle,
): Promise<string> {
  const handle = await open(partial(target), 'wx', 0o600);
  try {
    await handle.writeFile(text.header);
    let written = 0;
    for await (const page of pages) {
      job.signal.throwIfAborted();
      await handle.writeFile(page.map(text.entry).join(''));
      written += page.length;
      job.progress(`${written} of ${Math.max(written, total)} entries`, total === 0 ? null : written / total);
    }
    await handle.sync();
    await handle.close();
    if (await exists(target)) throw StewardError.of('conflict', `${target} was made by somebody else meanwhile`);
    await rename(partial(target), target);
    return `${written === 1 ? '1 entry' : `${written} entries`} ${source === 'journal' ? 'of this machine’s journal ' : ''}in ${target}`;
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(partial(target), { force: true });
    throw error;
  }
}

function partial(target: string): string {
  return `${target}.partial`;
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
