/** Text of UTF-16 that was read as UTF-8, as what PowerShell writes often is: every other character is a NUL. */
export function repairUtf16(source: string): string {
  const start = source.slice(0, 200);
  if (start.split('\u0000').length - 1 < start.length / 3) return source;
  return source.replace(/^[\uFFFD\uFEFF]+/, '').replaceAll('\u0000', '');
}
