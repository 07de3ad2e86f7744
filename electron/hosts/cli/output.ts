/** One JSON document on stdout. */
export function writeJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function writeLine(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Progress goes to stderr, over itself on a terminal and line by line elsewhere. */
export function progressLine(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${text}`);
}

export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[2K');
}

/** Columns lined up, numbers on the right; control characters made visible, so that data cannot steer a terminal. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly (string | null)[])[],
  right: readonly boolean[] = [],
): string {
  const shown = rows.map((row) => row.map((value) => visible(value ?? '')));
  const widths = header.map((title, index) => Math.max(title.length, ...shown.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => (right[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...shown.map(line)].join('\n');
}

/** Control characters as Unicode's pictures of them; those of 8 bits, and what turns the direction of writing, as U+FFFD. */
export function visible(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex
      .replaceAll(/[\u0000-\u001f\u007f]/g, (character) =>
        String.fromCharCode(character === '\u007f' ? 0x2421 : 0x2400 + character.charCodeAt(0)),
      )
      .replaceAll(/[\u0080-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
  );
}

/** The lines of a text, each made visible. */
export function visibleLines(text: string): string[] {
  return text.split('\n').map(visible);
}
