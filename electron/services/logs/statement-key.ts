import { createHash } from 'node:crypto';

const token =
  /[eE]'(?:[^'\\]|''|\\[^])*'?|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\$([A-Za-z_]\w*)?\$[^]*?\$\1\$|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/|(?<![\w$."])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\s+/g;
const list = /\(\s*(?:\?|\$\d+)(?:\s*,\s*(?:\?|\$\d+))+\s*\)/g;
const rows = /(\(\?\))(?:\s*,\s*\(\?\))+/g;

/** Names that stand for nothing but a place in a session. */
const passing =
  /^(\s*(?:savepoint|release(?:\s+savepoint)?|rollback(?:\s+(?:work|transaction))?\s+to(?:\s+savepoint)?|deallocate(?:\s+prepare)?)\s+)(?!(?:all|savepoint|prepare)\b)(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)(?=[\s;]*$)/i;

/** Longer texts are told apart by this much of them and their length. */
const mostLooked = 60_000;

/**
 * The same for texts that differ in constants, comments and layout only; much cheaper than parsing. Texts with one key
 * have one fingerprint, so that only the first of them has to be parsed.
 */
export function statementKey(sql: string): string {
  const looked = sql.length > mostLooked ? `${sql.slice(0, mostLooked)} ${sql.length}` : sql.replace(passing, '$1?');
  const key = looked
    .replaceAll(token, (found) => {
      const first = found.charCodeAt(0);
      if (first === 34) return found;
      if (first <= 32 || found.startsWith('--') || found.startsWith('/*')) return ' ';
      return '?';
    })
    .replaceAll(/ {2,}/g, ' ')
    .replaceAll(list, '(?)')
    .replaceAll(rows, '$1')
    .trim();
  return key.length > 600 ? shortHash(key) : key;
}

/** 32 hexadecimal digits for a text. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/**
 * The id of a statement. pg_query's fingerprint takes `t1` and `t2` for the same, as parts of one table often are called:
 * where digits stand in names, those names are part of the id.
 */
export function statementId(fingerprint: string | null, key: string, sql: string): string {
  if (fingerprint === null) return `text:${shortHash(key)}`;
  if (passing.test(sql)) return fingerprint;
  const names = sql
    .slice(0, mostLooked)
    .replaceAll(token, (found) => (found.startsWith('"') ? found : ' '))
    .match(/"[^"]*\d[^"]*"|[A-Za-z_]\w*\d\w*/g);
  return names === null ? fingerprint : `${fingerprint}-${shortHash(names.join(' ').toLowerCase()).slice(0, 8)}`;
}
