import { StewardError } from '../../postgres/failure.ts';

/** Whether a text begins as a `key=value` connection string does. */
export function looksLikeConninfo(text: string): boolean {
  return /^\s*[a-z_]+\s*=/.test(text);
}

/**
 * Reads `host=db.example dbname='my db' …` as libpq does: pairs between blanks, blanks around the equals sign allowed,
 * values in single quotes, a backslash before a quote or a backslash, and of two values for one keyword the last.
 * Throws `bad_input`, never with a value in its words.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
 */
export function parseConninfo(text: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  let rest = text.trimStart();
  while (rest !== '') {
    const key = /^(?<name>[^\s=]+)\s*=\s*/.exec(rest);
    const name = key?.groups?.['name'];
    if (key === null || name === undefined) {
      throw StewardError.of('bad_input', 'A keyword in the connection string has no = behind it', {
        hint: 'It looks like host=db.example port=5432 dbname=orders user=ada',
      });
    }
    rest = rest.slice(key[0].length);
    const quoted = rest.startsWith("'");
    const value = quoted ? /^'(?<value>(?:[^'\\]|\\.)*)'/s.exec(rest) : /^(?<value>(?:[^\s\\]|\\.)*)/s.exec(rest);
    if (value === null) {
      throw StewardError.of('bad_input', `The value of ${name.slice(0, 40)} has no quote at its end`, {
        hint: String.raw`Within quotes, write a quote as \' and a backslash as \\.`,
      });
    }
    pairs.set(name, (value.groups?.['value'] ?? '').replaceAll(/\\(.)/gs, '$1'));
    // A backslash at the very end stands for nothing, as in libpq.
    rest = rest.slice(value[0].length).replace(/^\\$/, '').trimStart();
  }
  return pairs;
}
