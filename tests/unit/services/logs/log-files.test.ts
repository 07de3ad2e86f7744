import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { findLogs, readLines } from '../../../../electron/services/logs/log-files.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const now = new Date('2026-11-29T18:00:00Z').getTime();
const minute = 60_000;
const day = 24 * 60 * minute;

/** Files of the folder, each changed so long ago. */
async function write(agesMs: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, ageMs] of Object.entries(agesMs)) {
    const file = path.join(folder, name);
    await writeFile(file, 'x\n');
    await utimes(file, new Date(now - ageMs), new Date(now - ageMs));
  }
}

async function found(): Promise<string[]> {
  return (await findLogs(folder)).files.map(({ name }) => name);
}

describe('a folder', () => {
  it('of a log in several formats has it once', async () => {
    await write({ 'pg-1.log': minute, 'pg-1.csv': 0, 'pg-1.json': minute, 'pg-0.csv.gz': day, 'pg-0.log.gz': day });
    expect(await found()).toEqual(['pg-0.csv.gz', 'pg-1.json']);
  });

  it('whose settings were changed has what is written now, too', async () => {
    await write({ 'postgresql-Mon.csv': 30 * day, 'postgresql-Mon.json': 60 * day, 'postgresql-Mon.log': 0 });
    expect(await found()).toEqual(['postgresql-Mon.json', 'postgresql-Mon.csv', 'postgresql-Mon.log']);
  });

  it('has a log once that stands beside its own gz, and both where the gz is of another log', async () => {
    await write({ 'pg.log.1': minute, 'pg.log.1.gz': 0, 'pg.log.2': 2 * day, 'pg.log.2.gz': 9 * day });
    expect(await found()).toEqual(['pg.log.2.gz', 'pg.log.2', 'pg.log.1']);
  });

  it('of many files tells how many are left out', async () => {
    await write(Object.fromEntries(Array.from({ length: 71 }, (_, number) => [`pg-${number + 1}.log`, number * day])));
    const { files, leftOut } = await findLogs(folder);
    expect([files.length, files[0]?.name, files.at(-1)?.name, leftOut]).toEqual([60, 'pg-60.log', 'pg-1.log', 11]);
  });
});

describe('a packed file', () => {
  const problemOf = async (bytes: Buffer): Promise<string | null> => {
    const file = path.join(folder, 'postgresql.log');
    await writeFile(file, bytes);
    const read = await readLines(
      { path: file, bytes: bytes.length },
      () => {},
      () => {},
      new AbortController().signal,
    );
    return read.problem;
  };

  it('names the format that cannot be read', async () => {
    const problems = [
      await problemOf(zstdCompressSync('x\n')),
      await problemOf(Buffer.from('BZh91AY&SY')),
      await problemOf(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])),
    ];
    const rest = ': unpack it first. Of packed files only gz is read';
    expect(problems).toEqual(['zstd', 'bzip2', 'xz'].map((format) => `It is packed with ${format}${rest}`));
  });

  it('that is a gz is read', async () => {
    expect(await problemOf(gzipSync('x\n'))).toBeNull();
  });
});
