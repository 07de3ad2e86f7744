import { appendFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { AuditJournal, journalLines } from '../../../../electron/services/audit/audit-journal.ts';
import { beginning, journalLine, readJournalLine } from '../../../../electron/services/audit/journal-line.ts';
import { anEntry } from './audit-fixtures.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'steward-journal-'));
  file = path.join(folder, 'audit-journal.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function opened(): Promise<AuditJournal> {
  const journal = new AuditJournal(file);
  await journal.load();
  return journal;
}

/** Three entries, of which the first `merged` are in the store. */
async function threeLines(merged = 0): Promise<string[]> {
  const journal = await opened();
  const entries = ['one', 'two', 'three'].map((sql) => anEntry({ sql }));
  for (const entry of entries) journal.append(entry);
  await journal.sync();
  if (merged > 0) await journal.advance(await journal.unmerged(merged));
  journal.close();
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

const flaws = async () => {
  const journal = new AuditJournal(file);
  const found = [...(await journal.load()), ...(await journal.verify())].map(({ kind }) => kind);
  journal.close();
  return found;
};
const sqlOf = async (journal: AuditJournal) => (await journal.unmerged(100)).map(({ line }) => line?.entry.sql);

describe('a line', () => {
  it('comes back as it was, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (sql, error) => {
        const entry = anEntry({ sql: sql.toWellFormed(), error });
        const { text, hash } = journalLine(beginning, entry);
        expect(text.indexOf('\n')).toBe(text.length - 1);
        expect(readJournalLine(text.trimEnd())).toEqual({ previous: beginning, hash, intact: true, entry });
      }),
    );
  });

  it.each(['', '{}', 'null', '{"previous":"x"}', journalLine(beginning, anEntry()).text.slice(0, 200)])(
    'is not read from %j',
    (text) => {
      expect(readJournalLine(text)).toBeUndefined();
    },
  );

  it('is read when a later Steward wrote it, with an action that is not known here', () => {
    const { text } = journalLine(beginning, { ...anEntry(), action: 'vacuum' as 'query' });
    expect(readJournalLine(text.trimEnd())).toMatchObject({ intact: true, entry: { action: 'other' } });
  });
});

describe('the journal', () => {
  it('is private, goes on after a restart, and knows what is merged', async () => {
    await threeLines(1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const journal = await opened();
    expect(journal.pending).toBe(2);
    journal.append(anEntry({ sql: 'four' }));
    expect(await sqlOf(journal)).toEqual(['two', 'three', 'four']);
    journal.close();
    expect(await flaws()).toEqual([]);
  });

  it('tolerates a half line, tells of it once, and goes on behind it', async () => {
    await threeLines(3);
    appendFileSync(file, '{"previous":"00');
    const journal = new AuditJournal(file);
    expect(await journal.load()).toMatchObject([{ kind: 'damaged' }]);
    journal.append(anEntry({ sql: 'after' }));
    expect(await sqlOf(journal)).toEqual([undefined, 'after']);
    await journal.advance(await journal.unmerged(10));
    journal.close();
    expect(await flaws()).toEqual([]);
    // Nothing was taken out of the file.
    expect(readFileSync(file, 'utf8')).toContain('{"previous":"00\n');
  });

  it.each([
    ['changed', 0, (lines: string[]) => [lines[0], lines[1]?.replace('two', 'TWO'), lines[2]]],
    ['changed', 3, (lines: string[]) => [lines[0], lines[1]?.replace('two', 'TWO'), lines[2]]],
    ['missing', 0, (lines: string[]) => [lines[0], lines[2]]],
    ['missing', 0, (lines: string[]) => [lines[1], lines[0], lines[2]]],
    ['missing', 0, (lines: string[]) => [lines[0], lines[1], lines[1], lines[2]]],
    [
      'missing',
      0,
      // With a hash of its own that is right.
      (lines: string[]) => [lines[0], journalLine(beginning, anEntry({ sql: 'forged' })).text.trimEnd(), lines[2]],
    ],
    ['cut', 3, (lines: string[]) => [lines[0], lines[1]]],
    ['cut', 3, (lines: string[]) => [lines[1], lines[2]]],
    ['cut', 3, () => []],
  ])('finds what was %s (%i merged)', async (kind, merged, tamper) => {
    const lines = tamper(await threeLines(merged));
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    expect(await flaws()).toContain(kind);
  });

  it('finds that the last merged line was replaced by one of the same length', async () => {
    const lines = await threeLines(3);
    const { previous = '', entry } = readJournalLine(lines[2] ?? '') ?? {};
    writeFileSync(
      file,
      `${lines[0]}\n${lines[1]}\n${journalLine(previous, { ...(entry ?? anEntry()), sql: 'THREE' }).text}`,
    );
    expect(await flaws()).toEqual(['cut']);
  });

  it('merges all of it again when the mark is gone or nonsense, since the store knows each entry', async () => {
    await threeLines(3);
    rmSync(path.join(folder, 'audit-journal.merged'));
    expect((await opened()).pending).toBe(3);
    writeFileSync(path.join(folder, 'audit-journal.merged'), '{"offset": 1e99');
    expect((await opened()).pending).toBe(3);
    expect(await flaws()).toEqual([]);
  });

  it('rotates only when all of it is merged, keeps the old file, and the chain goes on', async () => {
    await threeLines(2);
    const journal = await opened();
    await journal.rotate('old.jsonl');
    expect(existsSync(path.join(folder, 'old.jsonl'))).toBe(false);
    await journal.advance(await journal.unmerged(10));
    await journal.rotate('old.jsonl');
    expect((await readdir(folder)).toSorted()).toEqual(['audit-journal.merged', 'old.jsonl']);
    journal.append(anEntry({ sql: 'next' }));
    const old = readFileSync(path.join(folder, 'old.jsonl'), 'utf8').trimEnd().split('\n');
    const [first] = await journal.unmerged(1);
    expect(first?.line?.previous).toBe(readJournalLine(old.at(-1) ?? '')?.hash);
    journal.close();
    expect(await flaws()).toEqual([]);
  });

  it('throws where it cannot be written, and has the next entry whole', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const nowhere = new AuditJournal(path.join(folder, 'file', 'audit-journal.jsonl'));
    await expect(nowhere.load()).rejects.toThrow('ENOTDIR');
    expect(() => nowhere.append(anEntry())).toThrow();
    const journal = await opened();
    journal.append(anEntry({ sql: 'first' }));
    truncateSync(file, 50);
    const again = await opened();
    again.append(anEntry({ sql: 'second' }));
    expect(await sqlOf(again)).toEqual([undefined, 'second']);
  });

  it('reads lines that are longer than a chunk', async () => {
    const journal = await opened();
    const sql = 'é'.repeat(300_000);
    journal.append(anEntry({ sql }));
    journal.append(anEntry({ sql: 'short' }));
    expect(await sqlOf(journal)).toEqual([sql, 'short']);
    let end = 0;
    for await (const line of journalLines(file, 0, true)) end = line.end;
    expect(end).toBe(statSync(file).size);
  });
});
