import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { csvLine, exportTexts } from '../../../../electron/services/audit/export-text.ts';
import { anEntry } from './audit-fixtures.ts';

describe('CSV', () => {
  it.each([
    [['a', 1, null, 1.5], 'a,1,,1.5'],
    [['a "quoted", one', 'two\nlines'], '"a ""quoted"", one","two\nlines"'],
    [['=1+1', '+1', '-1', '@sum', '\tx', '\rx'], `'=1+1,'+1,'-1,'@sum,'\tx,"'\rx"`],
    [['=cmd|"/c calc"!A1'], `"'=cmd|""/c calc""!A1"`],
    [[-5, 'a=b', ' =1'], '-5,a=b, =1'],
    [['', 'é😀'], ',é😀'],
  ])('%j', (values, expected) => {
    expect(csvLine(values)).toBe(`${expected}\r\n`);
  });

  it('never lets a field begin as a formula, and comes back as it was apart from the apostrophe', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (values) => {
        const fields = parse(csvLine(values));
        expect(fields.filter((field) => /^[=+\-@\t\r]/.test(field))).toEqual([]);
        expect(fields).toEqual(values.map((value) => (/^[=+\-@\t\r]/.test(value) ? `'${value}` : value)));
      }),
    );
  });

  it('has a column for everything that an entry has', () => {
    expect(parse(exportTexts.csv.header).toSorted()).toEqual(Object.keys(anEntry()).toSorted());
  });
});

it('JSON lines are the entries as they were recorded', () => {
  const entry = anEntry({ sql: '=1\n"x"', error: null });
  expect(JSON.parse(exportTexts.jsonl.entry(entry))).toEqual(entry);
});

describe('Markdown', () => {
  it('cannot be left by SQL or names', () => {
    const text = exportTexts.markdown.entry(
      anEntry({ sql: 'select 1 -- ```\n```` <script>', connectionName: '# <img src=x> | [a](b)\n# heading' }),
    );
    expect(text).toContain('\n`````sql\n');
    expect(text).not.toMatch(/^# /m);
    expect(text).toContain(String.raw`\<img src=x\>`);
  });

  it('says who, where, what and how it ended', () => {
    expect(exportTexts.markdown.entry(anEntry({ outcome: 'failed', error: 'no' }))).toBe(`
## 2026-11-23T10:00:00.000Z query: failed

- Who: ada@desk
- Role: app
- Connection: Shop, production
- Server: db:5432
- Database: shop
- Took: 1.5 ms
- Rows: 3
- Error: no

\`\`\`sql
delete from item
\`\`\`
`);
  });
});

/** RFC 4180, one record. */
function parse(line: string): string[] {
  const fields: string[] = [];
  let rest = line.slice(0, -2);
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"/.exec(rest);
    const field = quoted ? quoted[0] : (/^[^,]*/.exec(rest)?.[0] ?? '');
    fields.push(quoted ? (quoted[1] ?? '').replaceAll('""', '"') : field);
    if (rest.length === field.length) return fields;
    rest = rest.slice(field.length + 1);
  }
}
