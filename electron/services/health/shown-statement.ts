import { redactSecrets } from '../query/index.ts';

/**
 * Characters of a statement that are read to show some hundreds of them: what is a secret is seen only where what leads
 * to it is read as well.
 */
export const readStatementLength = 8000;

const mask = '********';

/** Lengths are bounded: a hostile text would make an open end quadratic. */
const secretLiteral =
  /((?:passw(?:or)?d|pwd|secret|token|api_?key|credential|private_?key|passphrase)[\w"]{0,60}\s*(?:=|<>|!=|:=|=>)\s*)E?'(?:[^']|'')*(?:'|$)/gi;

/** The server keeps the beginning of a long statement, so that what ends a secret may be missing. */
const cutInUrl = /(\bpostgres(?:ql)?:\/\/[^\s:/@'"]*:)[^\s@/'"]+$/i;
/** In a connection string that is a string of SQL itself. An empty string of SQL looks alike but for what follows. */
const quotedParameter = /(\b(?:password|sslpassword)\s*=\s*)''(?=[^\s',;)])(?:[^']|'''')*(?:''|$)/gi;

/**
 * A statement as it may be shown and kept: on one line, without the passwords and tokens in it, and of what is left the
 * first `most` characters. Pure.
 */
export function shownStatement(sql: string, most: number): string {
  const line = sql.replaceAll(/\s+/g, ' ').trim();
  return cutText(redacted(line), most);
}

function redacted(sql: string): string {
  const withoutParameters = sql.replace(cutInUrl, `$1${mask}`).replaceAll(quotedParameter, `$1${mask}`);
  return redactSecrets(withoutParameters).replaceAll(secretLiteral, `$1'${mask}'`);
}

/** Never half of a character: PostgreSQL refuses to keep a text with one. */
function cutText(text: string, most: number): string {
  // A character has two UTF-16 code units at most.
  const characters = Array.from(text.slice(0, 2 * most + 1));
  return characters.length > most ? `${characters.slice(0, most).join('')}…` : text;
}
