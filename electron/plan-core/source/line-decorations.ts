/** What an editor, a mail or a chat put before every line. */
const PREFIXES: readonly { readonly pattern: RegExp; readonly isCounted?: boolean }[] = [
  // Quoted in a mail, in Markdown, or in a chat.
  { pattern: /^\s*(?:(?:>|&gt;)\s?)+(?=\s|[^\s>])/ },
  // Commented out in SQL. Not the rule of a table.
  { pattern: /^\s*--(?= |$)/ },
  { pattern: /^\s*\d+[.:)|]?(?=\s|$)/, isCounted: true },
];
const SAMPLE = 2000;

/** A fence of Markdown, or of a ticket. */
const FENCE = /^\s*(?:`{3,}\w*|~{3,}\w*|\{(?:code|noformat)(?::\w+)?\})\s*$/;

/** Takes off what stands before every line, or nearly every one: `> `, `-- `, line numbers that count up. Fences become empty lines. */
export function withoutDecorations(lines: readonly string[]): readonly string[] {
  const filled = lines.slice(0, SAMPLE).filter((line) => line.trim() !== '' && !FENCE.test(line));
  const found = filled.length < 2 ? undefined : PREFIXES.find((prefix) => isOnNearlyEvery(filled, prefix));
  const bare = found ? withoutPrefix(lines, found.pattern) : lines;
  return bare.some((line) => FENCE.test(line)) ? bare.map((line) => (FENCE.test(line) ? '' : line)) : bare;
}

function isOnNearlyEvery(lines: readonly string[], { pattern, isCounted }: (typeof PREFIXES)[number]): boolean {
  if (!pattern.test(lines[0] ?? '') && !pattern.test(lines[1] ?? '')) return false;
  const decorated = lines.filter((line) => pattern.test(line));
  return decorated.length >= lines.length * 0.9 && (isCounted !== true || countsUp(decorated));
}

/** The prefix, and the spaces that follow it on every line. */
function withoutPrefix(lines: readonly string[], pattern: RegExp): string[] {
  const rests = lines.map((line) => (pattern.test(line) ? line.replace(pattern, '') : null));
  const gap = rests.reduce(
    (least, rest) =>
      rest === null || rest.trim() === '' ? least : Math.min(least, rest.length - rest.trimStart().length),
    Number.POSITIVE_INFINITY,
  );
  return rests.map((rest, index) => (rest === null ? (lines[index] ?? '') : rest.slice(gap)));
}

function countsUp(lines: readonly string[]): boolean {
  const numbers = lines.map((line) => Number.parseInt(line.trimStart(), 10));
  return lines.length > 2 && numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));
}

/** Arrows and brackets as a web page or a word processor has them. */
export function withPlainArrows(source: string): string {
  if (source.includes('->') || source.includes('</')) return source;
  if (source.includes('-&gt;'))
    return source.replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  return /[→⟶➔➜]/.test(source) ? source.replaceAll(/^(\s*)[→⟶➔➜]/gm, '$1->') : source;
}
