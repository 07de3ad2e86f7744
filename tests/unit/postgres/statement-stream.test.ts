import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type DumpPart, StatementStream } from '../../../electron/postgres/plain-restore/statement-stream.ts';

function parts(text: string, size = 1_000_000): DumpPart[] {
  const stream = new StatementStream();
  const found: DumpPart[] = [];
  for (let at = 0; at < text.length; at += size) found.push(...stream.push(text.slice(at, at + size)));
  found.push(...stream.end());
  return found;
}

function split(text: string, size?: number): string[] {
  return parts(text, size).flatMap((part) => (part.kind === 'statement' ? [part.sql] : []));
}

const dump = `-- PostgreSQL database dump
\\restrict abc
SET standard_conforming_strings = on;
CREATE FUNCTION public.f() RETURNS text LANGUAGE plpgsql AS $_$ begin return ';$$'; end $_$;
INSERT INTO t VALUES ('a;b', E'c\\';d', 'line
\\! not a command
end'), ('--', '/*');
/* a ; comment /* nested ; */ still */
CREATE TABLE "odd;name" (i int DEFAULT 1); -- done ; here
\\unrestrict abc
`;

const expected = [
  'SET standard_conforming_strings = on',
  `CREATE FUNCTION public.f() RETURNS text LANGUAGE plpgsql AS $_$ begin return ';$$'; end $_$`,
  `INSERT INTO t VALUES ('a;b', E'c\\';d', 'line\n\\! not a command\nend'), ('--', '/*')`,
  `CREATE TABLE "odd;name" (i int DEFAULT 1)`,
];
const bare = (statement: string) => statement.replaceAll(/^\s*(--[^\n]*|\/\*[\s\S]*still \*\/)\n?/g, '').trim();

describe('StatementStream', () => {
  it('finds the statements of a dump', () => {
    expect(split(dump).map(bare)).toEqual(expected);
  });

  it('finds the same ones whatever the chunks are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (size) => {
        expect(split(dump, size)).toEqual(split(dump));
      }),
    );
  });

  it.each([
    `\\! rm -rf /\n`,
    `select 1;\n\\copy t from program 'x'\n`,
    '\\i other.sql\nselect 1;',
    '  \n\\connect other\n',
  ])('refuses a command of psql: %j', (text) => {
    expect(() => split(text)).toThrow(/psql command/);
  });

  it.each([`select 'cut`, 'create table t (', 'select $$x', 'select "x', '/* open'])(
    'says that %j is cut short',
    (text) => {
      expect(() => split(text)).toThrow(/cut short/);
    },
  );

  it('the rows of a COPY are no code, whatever stands in them, and whatever the chunks are', () => {
    const rows = `1\\tit''s; \\\\! rm -rf /\n\\\\.\t$$ /* "\n\\N\t-- \\\\.x\n`;
    const text = `CREATE TABLE t (a int);\n\n-- data\nCOPY public.t (a, b) FROM stdin;\n${rows}\\.\n\n\nSELECT 1;\n`;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), (size) => {
        const found = parts(text, size);
        expect(found.filter(({ kind }) => kind !== 'copy data').map(({ kind }) => kind)).toEqual([
          'statement',
          'copy',
          'copy end',
          'statement',
        ]);
        expect(found.map((part) => (part.kind === 'copy data' ? part.text : '')).join('')).toBe(rows);
        expect(split(text, size).at(-1)).toBe('SELECT 1');
      }),
    );
  });

  it('a line of psql’s is passed over wherever the chunks are cut', () => {
    const token = 'x'.repeat(100);
    const text = `\\restrict ${token}\nselect 1;\n\\unrestrict ${token}\n`;
    for (let size = 1; size <= text.length; size += 1) expect(split(text, size)).toEqual(['select 1']);
  });

  it('an empty COPY, and one that is cut short', () => {
    expect(parts('COPY t FROM stdin;\n\\.\n').map(({ kind }) => kind)).toEqual(['copy', 'copy end']);
    expect(() => parts('COPY t FROM stdin;\n1\n2\n')).toThrow(/cut short/);
    expect(() => parts('COPY t FROM stdin;\n1\n\\.')).toThrow(/cut short/);
  });
});
