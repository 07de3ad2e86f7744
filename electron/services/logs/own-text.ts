/**
 * A copy, since what is cut out of a text keeps all of that text in memory. Half a character, and a character that the
 * store cannot keep, become U+FFFD.
 */
export function own(text: string): string {
  const copy = Buffer.from(text, 'utf8').toString('utf8');
  return copy.includes('\0') ? copy.replaceAll('\0', '\uFFFD') : copy;
}

export function ownOrNull(text: string | null): string | null {
  return text === null ? null : own(text);
}
