import { chmod, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { writeAtomically } from '../../../electron/postgres/write-atomically.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('replaces a file as a whole, and only its owner reads the new one', async () => {
  const file = path.join(folder, 'new folder', 'file');
  await writeAtomically(file, 'first, and long');
  await chmod(file, 0o644);
  await writeAtomically(file, Buffer.from('second'));
  expect([await readFile(file, 'utf8'), (await stat(file)).mode & 0o777]).toEqual(['second', 0o600]);
  expect(await readdir(path.dirname(file))).toEqual(['file']);
});

it('leaves what was there and nothing else when it fails', async () => {
  const file = path.join(folder, 'file');
  await mkdir(file);
  await writeFile(path.join(file, 'inside'), 'kept');
  await expect(writeAtomically(file, 'new')).rejects.toThrow();
  expect(await readdir(folder, { recursive: true })).toEqual(['file', path.join('file', 'inside')]);
});

it('leaves one of the contents whole when many write at once', async () => {
  const file = path.join(folder, 'file');
  const contents = Array.from({ length: 20 }, (_, index) => String(index % 10).repeat(10_000));
  await Promise.all(contents.map((content) => writeAtomically(file, content)));
  expect(contents).toContain(await readFile(file, 'utf8'));
  expect(await readdir(folder)).toEqual(['file']);
});
