import { redactSecrets } from '../query/index.ts';

/** Lengths are bounded: a hostile text would make an open end quadratic. */
const secretWord = '(?:passw(?:or)?d|passwd|pwd|secret|token|api_?key|credential|private_?key|passphrase)';
const secretName = String.raw`${secretWord}[\w"]{0,60}`;
const compared = new RegExp(
  String.raw`${secretName}\s*(?:=|<>|!=|:=|=>)\s*\$(\d+)|\$(\d+)\s*(?:=|<>|!=)\s*[\w."]{0,80}?${secretName}`,
  'gi',
);
/** The functions of pgcrypto that take a password, and where. */
const functions = /\b(?:crypt|pgp_sym_(?:en|de)crypt(?:_bytea)?|digest|hmac)\s*\(([^()]*)\)/gi;
const insert = /\binsert\s+into\s+[\w."]+\s*\(([^()]*)\)\s*values\s*\(([^()]*)\)/gi;
const isSecret = new RegExp(secretWord, 'i');

const mask = '********';

/**
 * Values as they may be kept: those that a statement compares with, assigns to or inserts into something called a password,
 * secret, token or key are replaced by asterisks, and so are passwords inside of URLs. Pure.
 */
export function redactParameters(sql: string, values: readonly (string | null)[]): (string | null)[] {
  const secret = new Set<number>();
  for (const [, one, other] of sql.matchAll(compared)) secret.add(Number(one ?? other));
  for (const [, inner = ''] of sql.matchAll(functions))
    for (const [, number] of inner.matchAll(/\$(\d+)/g)) secret.add(Number(number));
  for (const [, columns = '', given = ''] of sql.matchAll(insert)) {
    const places = given.split(',');
    for (const [index, column] of columns.split(',').entries())
      if (isSecret.test(column.trim())) {
        const number = /\$(\d+)/.exec(places[index] ?? '')?.[1];
        if (number !== undefined) secret.add(Number(number));
      }
  }
  return values.map((value, index) => (value === null ? null : secret.has(index + 1) ? mask : redactSecrets(value)));
}
