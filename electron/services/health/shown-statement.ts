import { redactStatement } from '../query/index.ts';

/**
 * Characters of a statement that are read to show some hundreds of them: what is a secret is seen only where what leads
 * to it is read as well.
 */
export const readStatementLength = 8000;

/**
 * A statement as it may be shown and kept: on one line, without the passwords and tokens in it, and of what is left the
 * first `most` characters. Pure.
 */
export function shownStatement(sql: string, most: number): string {
  return cutText(redactStatement(sql.replaceAll(/\s+/g, ' ').trim()), most);
}

/** Never half of a character: PostgreSQL refuses to keep a text with one. */
function cutText(text: string, most: number): string {
  // A character has two UTF-16 code units at most.
  const characters = Array.from(text.slice(0, 2 * most + 1));
  return characters.length > most ? `${characters.slice(0, most).join('')}…` : text;
}
