import type { ReadParameters } from '../../plan-core/log/index.ts';

/** The statement that an EXECUTE runs, from the detail of its message: `prepare: prepare p(int) as select …`. */
export function preparedText(detail: string | null): string | null {
  if (detail === null || !/^prepare: /i.test(detail)) return null;
  return (
    // The types of parameters may have parentheses of their own: numeric(10, 2).
    /^prepare: \s*prepare\s+(?:"(?:[^"]|"")*"|[^\s("]+)\s*(?:\((?:[^()]|\([^()]*\))*\))?\s+as\s+([^]*)$/i.exec(
      detail,
    )?.[1] ?? null
  );
}

/** The values of `execute p(7, 'x', null)`, where all of them are simple constants. */
export function executeValues(text: string): ReadParameters | null {
  const inner = /^\s*execute\s+(?:"(?:[^"]|"")*"|[^\s("]+)\s*\(([^]*)\)\s*;?\s*$/i.exec(text)?.[1];
  if (inner === undefined) return null;
  const values: (string | null)[] = [];
  const constant = /\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|(null|true|false))\s*(,|$)/iy;
  while (constant.lastIndex < inner.length) {
    const found = constant.exec(inner);
    if (!found) return null;
    const [, quoted, number, word] = found;
    values.push(
      quoted !== undefined
        ? quoted.replaceAll("''", "'")
        : (number ?? (word?.toLowerCase() === 'null' ? null : (word ?? ''))),
    );
  }
  return values.length === 0 ? null : { values, cut: false };
}
